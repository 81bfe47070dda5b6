"""Measured times of a network's layers, as a file has them."""

from __future__ import annotations

import math
from dataclasses import dataclass

MAX_TIME_NS = 1e15
"""Twelve days: a longer time of one layer is no time."""


@dataclass(frozen=True, slots=True)
class TimedRow:
    """One kernel or layer of a profile, in one inference.

    ``names`` are those that it goes by: of the nodes whose work it did, or its own. ``time_ns`` is
    None where the file has ``cycles`` alone, and both are None where nothing was measured. ``op``
    is its operator, ``macs`` its multiply-accumulates, where the file says so.
    """

    names: tuple[str, ...]
    time_ns: float | None
    cycles: int | None = None
    op: str = ""
    macs: int | None = None

    def time_at(self, freq_hz: int) -> float | None:
        """Return nanoseconds at a clock; None where nothing was measured."""
        if self.time_ns is not None or self.cycles is None:
            return self.time_ns
        return self.cycles * 1e9 / freq_hz


@dataclass(frozen=True, slots=True)
class MeasuredTimes:
    """A file's rows in the order in which they ran, with the SHA-256 of its bytes.

    ``measured_by`` says with what and on which machine, ``model`` which network, by its file's
    SHA-256; both are empty where nobody says. ``own_nodes`` where the rows are those of the
    network's file alone: other tools have steps of their own among them. ``notes`` are what its
    reader left out.
    """

    kind: str
    path: str
    sha256: str
    rows: tuple[TimedRow, ...]
    measured_by: str = ""
    model: str = ""
    model_sha256: str = ""
    own_nodes: bool = False
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.kind}:{self.path}"

    @property
    def total_ns(self) -> float:
        """Sum of the times of one inference, rows with cycles alone left out."""
        return math.fsum(row.time_ns for row in self.rows if row.time_ns is not None)
