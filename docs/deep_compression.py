"""The numbers of docs/deep_compression.md: what shared values take, and a paper's tables."""

from __future__ import annotations

from dfsrt.report.tables import Grid
from dfsrt.reproduce.deep_compression import DeepCompressionOutcome, reproduce


def parts() -> dict[str, str]:
    """Return what stands between the marks of docs/deep_compression.md."""
    names = ("books", "alexnet", "vgg16")
    grids = DeepCompressionOutcome(reproduce()).grids()
    return {name: _markdown(grid) for name, grid in zip(names, grids, strict=True)}


def _markdown(grid: Grid) -> str:
    lines = [[head.lstrip("<") for head in grid.heads], ["---"] * len(grid.heads), *grid.rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
