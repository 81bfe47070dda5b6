"""Measured times of a network's layers, as a file has them."""

from __future__ import annotations

import math
from dataclasses import dataclass

MAX_TIME_NS = 1e15
"""Twelve days: a longer time of one layer is no time."""


@dataclass(frozen=True, slots=True)
class TimedRow:
    """One kernel or layer of a profile, in one inference.

    ``names`` are those of the nodes whose work it did, or its own; where none of them is known, the
    first of ``other_names`` that is. Where it ``spans`` they are the first and the last of all in
    between. ``time_ns`` is None where nothing was measured. ``op`` is its
    operator, ``macs`` its multiply-accumulates, where the file says so.
    """

    names: tuple[str, ...]
    time_ns: float | None
    op: str = ""
    macs: int | None = None
    other_names: tuple[str, ...] = ()
    spans: bool = False


@dataclass(frozen=True, slots=True)
class MeasuredTimes:
    """A file's rows in the order in which they ran, with the SHA-256 of its bytes.

    ``measured_by`` says with what and on which machine, ``freq_hz`` at which clock, ``model`` of
    which network, by its file's SHA-256; all are empty where nobody says. ``own_nodes`` where the
    rows are those of the network's file alone: other tools have steps of their own among them.
    ``notes`` are what its reader left out.
    """

    kind: str
    path: str
    sha256: str
    rows: tuple[TimedRow, ...]
    measured_by: str = ""
    freq_hz: int | None = None
    model: str = ""
    model_sha256: str = ""
    own_nodes: bool = False
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.kind}:{self.path}"

    @property
    def total_ns(self) -> float:
        """Sum of the times of one inference."""
        return math.fsum(row.time_ns for row in self.rows if row.time_ns is not None)
