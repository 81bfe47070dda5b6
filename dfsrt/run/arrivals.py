"""Arrivals: when each request comes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dfsrt.base.arrays import Ints
from dfsrt.base.errors import InputError

BACK_TO_BACK = -1
"""In place of a period: each request comes when the one before has finished."""


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Back to back, one every ``period_ns``, or at ``times_ns`` of shape ``(n_requests,)``.

    Raises:
        InputError: times that fall, or begin before 0.
    """

    period_ns: int | None = None
    times_ns: Ints | None = None

    def __post_init__(self) -> None:
        times = self.times_ns
        if times is None:
            return
        if self.period_ns is not None:
            raise InputError("arrivals have both a period and times; give one of them")
        if len(times) == 0 or times[0] < 0 or (np.diff(times) < 0).any():
            raise InputError("arrival times are empty, fall or begin before 0; give them in order")

    def at_ns(self, request: int, now_ns: int) -> int:
        """Return when ``request`` comes, asked when the one before has finished."""
        return arrival_ns(request, now_ns, self.coded_period_ns, self.coded_times_ns)

    @property
    def coded_period_ns(self) -> int:
        """The period as ``arrival_ns`` takes it."""
        return BACK_TO_BACK if self.period_ns is None else self.period_ns

    @property
    def coded_times_ns(self) -> Ints:
        """The times as ``arrival_ns`` takes them: empty for none."""
        return np.empty(0, dtype=np.int64) if self.times_ns is None else self.times_ns

    def end_ns(self, requests: int) -> int:
        """Return until when the run lasts at least.

        The last period belongs to the run, or speed would be one period too high.
        """
        return 0 if self.period_ns is None else requests * self.period_ns


def arrival_ns(request: int, now_ns: int, period_ns: int, times_ns: Ints) -> int:
    """Return when ``request`` comes: from ``times_ns`` if there are any, else by the period."""
    if len(times_ns) > 0:
        return int(times_ns[request])
    if period_ns == BACK_TO_BACK:
        return now_ns
    return request * period_ns
