"""What a search may use: time of a core, and memory for its tables."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from dfsrt.base.errors import InputError

TIME_NS = 10_000_000_000
"""Time of a search unless told."""
MEMORY_BYTES = 500_000_000
"""Memory of a search unless told."""


@dataclass(slots=True)
class Budget:
    """Time and memory of one search; a core's time counts from when it is first asked for.

    Raises:
        InputError: nothing of either.
    """

    time_ns: int = TIME_NS
    memory_bytes: int = MEMORY_BYTES
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

    def start(self) -> float:
        """Let time count from now on, unless it does already; return when it ends."""
        if self._until_s is None:
            self._until_s = time.thread_time() + self.time_ns * 1e-9
        return self._until_s

    @property
    def left_s(self) -> float:
        """Seconds that are left, 0 at least."""
        return max(0.0, self.start() - time.thread_time())

    @property
    def used_s(self) -> float:
        """Seconds that have been used."""
        return self.time_ns * 1e-9 - self.left_s

    @property
    def spent(self) -> bool:
        """Whether no time is left."""
        return self.left_s <= 0.0
