"""The outcome, as tables and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dfsrt.report.schema import to_json
from dfsrt.report.tables import Grid
from dfsrt.reproduce.zheng.schema import ZhengReport
from dfsrt.reproduce.zheng.table import bytes_grid, energy_grid, verdicts_grid


@dataclass(frozen=True, slots=True)
class ZhengOutcome:
    """The experiment run again."""

    report: ZhengReport

    def grids(self) -> Iterator[Grid]:
        """Yield bytes, energy, and what follows."""
        yield bytes_grid(self.report)
        yield energy_grid(self.report)
        yield verdicts_grid(self.report)

    def to_json(self) -> bytes:
        """Return all of it as JSON."""
        return to_json(self.report)
