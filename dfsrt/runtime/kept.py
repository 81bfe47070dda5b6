"""A consumer that keeps the last frame of a run's log."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from dfsrt.errors import DfsrtError
from dfsrt.runtime.log import RunLog

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
            found: dict[str, Any] = {c: getattr(log, c)[rows] for c in COLUMNS}
            self._pieces.append(replace(log, **found))

    @property
    def log(self) -> RunLog:
        """The frame's rows as a log."""
        if not self._pieces:
            raise DfsrtError("the last frame has not run yet")
        joined: dict[str, Any] = {
            c: np.concatenate([getattr(p, c) for p in self._pieces]) for c in COLUMNS
        }
        return replace(self._pieces[-1], **joined)
