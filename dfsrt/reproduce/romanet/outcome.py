"""The outcome, as tables and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dfsrt.report.schema import to_json
from dfsrt.report.tables import Grid
from dfsrt.reproduce.romanet.schema import RomanetReport
from dfsrt.reproduce.romanet.table import bytes_grid, product_grid, rows_grid, verdicts_grid


@dataclass(frozen=True, slots=True)
class RomanetOutcome:
    """The experiment run again."""

    report: RomanetReport

    def grids(self) -> Iterator[Grid]:
        """Yield bytes, rows, their product, and what follows."""
        yield bytes_grid(self.report)
        yield rows_grid(self.report)
        yield product_grid(self.report)
        yield verdicts_grid(self.report)

    def to_json(self) -> bytes:
        """Return all of it as JSON."""
        return to_json(self.report)
