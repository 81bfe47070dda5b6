"""The generated parts of docs/optimize.md: what its commands print."""

from __future__ import annotations

OUTPUTS = {
    "chain": "dfsrt optimize digits --steps prune:channels=0.5:refit,int8 --precision fp16",
    "layers": "dfsrt optimize digits --steps prune:nm=2of4:refit,share:values=16 --per-layer",
    "sizes": "dfsrt optimize sd2-unet --steps w4a8 --precision fp16",
}
"""Commands whose output docs/optimize.md shows."""

FIGURES = {
    "optimize_digits.svg": "dfsrt optimize digits --precision fp16 "
    "--steps prune:channels=0.5:refit,prune:nm=2of4:refit,int8,share:values=16",
}
"""Figures of docs/optimize.md, with the commands that draw them."""
