"""What the paper says of itself, and what of its setting we took."""

from __future__ import annotations

from dfsrt.reproduce.paper import Paper

RANGE = (-0.3446, -0.9342)
PAPER = Paper(
    title="Zheng et al. (IEEE TCAS-II 69(4), 2022)",
    what="DRAM energy, less 1",
    source="abstract",
    figures=dict.fromkeys(("unet", "vgg16", "mobilenetv1"), RANGE),
    recalled="buffer, DRAM, precision and baseline are not in it; no table of the paper was to be "
    "had. Its latency of DRAM falls by 34.34 to 93.37 %",
)
SCHEDULES = ("adaptive", "resident", "depth-first", "best")
BEST = "best"
FIXED = ("weight", "input", "output")
"""Mappers that keep to one kind of reuse in all layers."""
