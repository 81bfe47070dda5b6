"""The watch: where a session's time goes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from dfsrt.study.cell import Outcome
from dfsrt.study.schema import Timing


class Watch:
    """Sums up where a session's time goes."""

    def __init__(self) -> None:
        self._engine_s = self._tables_s = self._ask_s = self._tell_s = 0.0

    def add(self, outcome: Outcome) -> None:
        """Count a worker's time."""
        self._engine_s += outcome.engine_s
        self._tables_s += outcome.tables_s

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Count the time inside as the sampler's asking."""
        begin = time.perf_counter()
        yield
        self._ask_s += time.perf_counter() - begin

    @contextmanager
    def telling(self) -> Iterator[None]:
        """Count the time inside as telling the sampler."""
        begin = time.perf_counter()
        yield
        self._tell_s += time.perf_counter() - begin

    def timing(self, wall_s: float, workers: int, trials: int) -> Timing:
        """Return the session's account."""
        return Timing(
            wall_s=wall_s,
            engine_s=self._engine_s,
            tables_s=self._tables_s,
            ask_s=self._ask_s,
            tell_s=self._tell_s,
            overhead_s=wall_s - self._engine_s / max(1, workers),
            workers=workers,
            trials=trials,
        )
