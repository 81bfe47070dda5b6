"""A consumer that keeps the last frame of a run's log, and how to keep some of its rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from dfsrt.base.arrays import Ints
from dfsrt.base.errors import DfsrtError
from dfsrt.run.log import RunLog

COLUMNS = (
    "times", "frame", "layer", "start_ns", "end_ns", "stall_ns", "level", "freq_hz", "rail_uv",
    "cap_w", "predicted_w", "power_w", "energy_j", "held_by", "cap_unreachable",
)  # fmt: skip
"""Fields of a log that have an entry a row."""


class LastFrame:
    """Keeps the rows of frame ``last`` of a run's log, and nothing else."""

    def __init__(self, last: int) -> None:
        self._last = last
        self._pieces: list[RunLog] = []

    def add(self, log: RunLog) -> None:
        """Take the next piece of the log."""
        rows = np.flatnonzero((log.frame == self._last) & (log.times == 1))
        if len(rows):
            self._pieces.append(rows_of(log, rows))

    @property
    def log(self) -> RunLog:
        """The frame's rows as a log."""
        return joined(self._pieces)


def rows_of(log: RunLog, rows: Ints) -> RunLog:
    """Return ``log`` with these rows alone, by number."""
    found: dict[str, Any] = {c: getattr(log, c)[rows] for c in COLUMNS}
    return replace(log, **found)


def joined(pieces: Sequence[RunLog]) -> RunLog:
    """Return the rows of all ``pieces`` as one log.

    Raises:
        DfsrtError: there is no piece.
    """
    if not pieces:
        raise DfsrtError("nothing that is to be kept has run yet")
    columns: dict[str, Any] = {c: np.concatenate([getattr(p, c) for p in pieces]) for c in COLUMNS}
    return replace(pieces[-1], **columns)
