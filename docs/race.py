"""The generated parts of docs/idle.md: the figure of its section on race or pace."""

from __future__ import annotations

FIGURES = {
    "race_resnet50.svg": "dfsrt frontier resnet50 --cap none --period 33.3ms --idle break-even "
    "--governors dfs --between 0",
}
"""Figures of docs/idle.md, with the commands that draw them."""
