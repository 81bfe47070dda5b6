"""What the paper says of itself, and what of its setting we took."""

from __future__ import annotations

from dfsrt.reproduce.paper import Paper

PAPER = Paper(
    title="ROMANet (Putra, Hanif, Shafique; IEEE TVLSI 2021, arXiv 1902.10222)",
    what="DRAM access energy, less 1",
    source="abstract",
    figures={"alexnet": (-0.12,), "vgg16": (-0.36,), "mobilenetv1": (-0.46,)},
    recalled="64 KB each for inputs, weights and results, DDR3-1600 (2 Gb x8 there, x16 here), "
    "compared with SmartShuttle and one other: recalled, unverified; no table of the paper was to "
    "be had",
)
POLICIES = ("weight", "input", "output", "smartshuttle", "half-buffer", "romanet", "exhaustive")
BASELINES = ("weight", "input", "output", "smartshuttle", "half-buffer")
"""Policies that another could be compared with; the first three keep to one kind of reuse."""
OWN = "romanet"
ORDERS = ("next-row", "drmap", "romanet")
LAYOUTS = ("channel-first", "tiled")
BEFORE, AFTER = ("channel-first", "next-row"), ("tiled", "romanet")
"""Layout and map of addresses: where nobody thinks of rows, and where ROMANet does."""
