"""What a search may use: work, counted as time of the reference machine, and memory."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from dfsrt.base.errors import InputError

TIME_NS = 10_000_000_000
"""Time of a search unless told."""
MEMORY_BYTES = 500_000_000
"""Memory of a search unless told."""
BACKSTOP = 4
"""So many times its time a search may take on a slow machine, before it is cut there, too."""


@dataclass(slots=True)
class Budget:
    """Time and memory of one search.

    Time is work: each step counts as the nanoseconds that it takes on the reference machine
    (``effort``), so that a search ends at the same step on every machine. Only where a machine
    is so slow that it takes ``BACKSTOP`` times as long is the search cut by its clock, and
    ``cut`` says so.

    Raises:
        InputError: nothing of either.
    """

    time_ns: int = TIME_NS
    memory_bytes: int = MEMORY_BYTES
    used_ns: float = field(default=0.0, init=False)
    cut: bool = field(default=False, init=False)
    _until_s: float | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        if self.time_ns <= 0:
            raise InputError(
                f"a search of {self.time_ns} ns finds nothing; give time above 0, like 10s"
            )
        if self.memory_bytes <= 0:
            raise InputError(
                f"a search in {self.memory_bytes} B finds nothing; give memory above 0, like 500MB"
            )

    def work(self, work_ns: float) -> None:
        """Count work, as nanoseconds of the reference machine."""
        self.used_ns += work_ns

    @property
    def spent(self) -> bool:
        """Whether nothing is left, of work or of the time that a slow machine may take for it."""
        now_s = time.thread_time()
        if self._until_s is None:
            self._until_s = now_s + BACKSTOP * self.time_ns * 1e-9
        if self.used_ns < self.time_ns and now_s >= self._until_s:
            self.cut = True
        return self.cut or self.used_ns >= self.time_ns
