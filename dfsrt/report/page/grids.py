"""Tables of a terminal as those of a page, so that both say the same."""

from __future__ import annotations

from collections.abc import Sequence

from dfsrt.report.page.page import Section, Table, Tile
from dfsrt.report.run_table import run_grids
from dfsrt.report.schema import Report
from dfsrt.report.tables import Grid

FIGURES = "<figure", "<battery"
"""First heads of the tables that tell one figure a row: its name, value and note."""
TILES = (
    "life", "battery power", "charge left", "hottest skin", "hottest die", "NPU held back",
    "battery energy a frame", "speed", "frames shown", "requests", "median latency",
    "deadlines met",
    "energy per frame", "energy of the run", "all domains per frame", "all domains of the run",
    "average power", "layers over the cap", "clock changes",
)  # fmt: skip
"""Figures that are tiles, where a report has them."""


def table_of(grid: Grid, caption: str) -> Table:
    """Return a terminal's table as a page's."""
    return Table(grid.heads, grid.rows, caption)


def tiles(report: Report) -> list[Tile]:
    """Return the key figures, in the words of the terminal's tables."""
    rows = {row[0]: row for grid in _figures(report) for row in grid.rows}
    return [_tile(*rows[name]) for name in TILES if name in rows]


def _tile(name: str, value: str, note: str) -> Tile:
    parts = note.partition(";")[0].split(", ")
    # Of all percentiles a tile tells the tail.
    return Tile(name, value or "-", ", ".join(parts[-2:] if name == "median latency" else parts))


def figures_section(report: Report) -> Section:
    """Return every figure of the report, as a terminal shows them."""
    captions = ("Figures of the run", "Figures of the battery")
    pairs = zip(_figures(report), captions, strict=False)
    return Section("Figures", "", tables=[table_of(grid, caption) for grid, caption in pairs])


def _figures(report: Report) -> Sequence[Grid]:
    return [grid for grid in run_grids(report) if grid.heads and grid.heads[0] in FIGURES]
