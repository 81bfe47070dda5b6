"""The generated parts of docs/levers.md, and the numbers of the tour's first screen."""

from __future__ import annotations

OUTPUTS = {
    "zoom": "dfsrt levers infinite-zoom",
    "small": "dfsrt levers digits --frames 200 --lever int8,layer-clocks",
}
"""Commands whose output docs/levers.md shows; the tour's first screen is of the first."""

FIGURES = {"levers.svg": OUTPUTS["zoom"]}
"""Figures of docs/levers.md and README, with the commands that draw them."""
