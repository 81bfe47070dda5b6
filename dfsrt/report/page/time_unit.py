"""The unit in which a figure tells a life."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dfsrt.report.page.style import axis


@dataclass(frozen=True, slots=True)
class TimeUnit:
    """A unit of time: its sign, and how many seconds it is."""

    sign: str
    seconds: float

    def axis(self, name: str) -> dict[str, object]:
        """Return an axis of times in this unit."""
        return axis(f"{name} ({self.sign})")

    @property
    def scale(self) -> float:
        """What a time in seconds is multiplied by."""
        return 1.0 / self.seconds


HOURS, MINUTES, SECONDS = TimeUnit("h", 3600.0), TimeUnit("min", 60.0), TimeUnit("s", 1.0)


def time_unit(times_s: Iterable[float]) -> TimeUnit:
    """Return the largest unit that the longest of ``times_s`` holds once, seconds at least."""
    longest_s = max(times_s, default=0.0)
    return next((unit for unit in (HOURS, MINUTES) if longest_s >= unit.seconds), SECONDS)
