"""The outcome, as tables and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dfsrt.report.schema import to_json
from dfsrt.report.tables import Grid
from dfsrt.reproduce.deep_compression.schema import DeepCompressionReport
from dfsrt.reproduce.deep_compression.table import books_grid, network_grid


@dataclass(frozen=True, slots=True)
class DeepCompressionOutcome:
    """The experiment run again."""

    report: DeepCompressionReport

    def grids(self) -> Iterator[Grid]:
        """Yield shared values alone, then each network."""
        yield books_grid(self.report)
        for place, network in enumerate(self.report.networks, start=2):
            yield network_grid(place, network)

    def to_json(self) -> bytes:
        """Return all of it as JSON."""
        return to_json(self.report)
