"""Governors placed beside the frontier, as a result that shows and draws itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dfsrt.report.frontier_table import FrontierReport, frontier_grids
from dfsrt.report.rendered import Drawn, Reported
from dfsrt.report.tables import Grid


@dataclass(frozen=True, slots=True, repr=False)
class Placed(Reported, Drawn):
    """A frontier that is worked out, and where governors lie beside it."""

    report: FrontierReport

    def grids(self) -> Sequence[Grid]:
        """Return the tables of ``dfsrt frontier``."""
        return frontier_grids(self.report)

    def save_figure(self, path: str | Path) -> None:
        """Draw energy over time: ``.svg`` or ``.png``.

        Raises:
            InputError: another ending.
            OutputError: ``path`` cannot be written.
        """
        from dfsrt.report.frontier_figure import write_frontier

        write_frontier(self.report, Path(path))
