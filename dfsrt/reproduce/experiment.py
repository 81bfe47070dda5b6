"""What every experiment ends in: tables and JSON, the paper's figures beside our own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from dfsrt.report.tables import Grid


class Experiment(Protocol):
    """The outcome of a published experiment that was run again."""

    def grids(self) -> Iterable[Grid]:
        """Return its tables, what they say in words first."""
        ...

    def to_json(self) -> bytes:
        """Return all of it as JSON."""
        ...
