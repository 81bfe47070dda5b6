"""A consumer that keeps each layer's first execution."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dfsrt.base.arrays import Ints
from dfsrt.run.kept import joined, rows_of
from dfsrt.run.log import RunLog


class FirstPass:
    """Keeps the row of each layer's first execution, in order of time, as if of one frame."""

    def __init__(self) -> None:
        self._seen: Ints = np.empty(0, dtype=np.int64)
        self._pieces: list[RunLog] = []

    def add(self, log: RunLog) -> None:
        """Take the next piece of the log."""
        ran = np.flatnonzero(log.ran)
        _, first = np.unique(log.layer[ran], return_index=True)
        rows = np.sort(ran[first])
        rows = rows[~np.isin(log.layer[rows], self._seen)]
        if len(rows):
            self._seen = np.concatenate([self._seen, log.layer[rows]])
            self._pieces.append(rows_of(log, rows))

    @property
    def log(self) -> RunLog:
        """The rows as a log."""
        log = joined(self._pieces)
        return replace(log, frame=np.zeros_like(log.frame))
