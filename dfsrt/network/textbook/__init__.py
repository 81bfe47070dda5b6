"""Work as textbooks have it: so many cycles, with nothing to fetch that takes time."""

from __future__ import annotations

from collections.abc import Mapping

from dfsrt.network.kit.recipe import Recipe, Size

RECIPES: Mapping[str, Recipe] = {
    "cycles": Recipe(
        "so many cycles of device 'ideal' in one layer, built by dfsrt; sizes as NAME:n=1000000",
        {"n": Size(1_000_000, 1, 10**12)},
        "dfsrt.network.textbook.cycles:build_cycles",
    ),
}
