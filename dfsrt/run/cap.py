"""Power caps: a limit on a named domain, and how it changes during a run."""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise

from dfsrt.base.errors import InputError
from dfsrt.device.npu import Domain


@dataclass(frozen=True, slots=True)
class CapStep:
    """From ``start_ns`` on, the limit is ``limit_w``; infinite means no cap."""

    start_ns: int
    limit_w: float


@dataclass(frozen=True, slots=True)
class PowerCap:
    """A limit on ``domain`` over time.

    ``window_ns`` is the running average's window; 0 means each layer's own average power.
    ``steps`` begin at 0 and ascend.

    Raises:
        InputError: a limit that is not positive, or steps out of order.
    Limits: governors plan every layer under the limit, whatever the window.
    """

    steps: tuple[CapStep, ...]
    domain: Domain = Domain.NPU
    window_ns: int = 0

    def __post_init__(self) -> None:
        if not self.steps or self.steps[0].start_ns != 0:
            raise InputError("a cap has no limit at 0 s; give the limit it starts with")
        for step in self.steps:
            if math.isnan(step.limit_w) or step.limit_w <= 0:
                raise InputError(f"cap {step.limit_w} W is not positive; give watts above 0")
        for before, after in pairwise(self.steps):
            if after.start_ns == 0:
                raise InputError("a cap change at 0 s is the cap itself; give it as the cap")
            if after.start_ns <= before.start_ns:
                raise InputError(
                    f"cap change at {after.start_ns} ns does not follow {before.start_ns} ns; "
                    "list changes in order, each time once"
                )
        if self.window_ns < 0:
            raise InputError(f"cap window {self.window_ns} ns is negative; give 0 or more")

    @property
    def first_w(self) -> float:
        """The limit at the start."""
        return self.steps[0].limit_w

    def between(self, first_ns: int, last_ns: int) -> tuple[CapStep, ...]:
        """Return the steps in force from one time to another, both included."""
        first, stop = (
            bisect_right(self.steps, time_ns, key=lambda step: step.start_ns)
            for time_ns in (first_ns, last_ns)
        )
        return self.steps[max(first - 1, 0) : stop]


def constant_cap(limit_w: float, domain: Domain = Domain.NPU, window_ns: int = 0) -> PowerCap:
    """Return a cap that does not change."""
    return PowerCap((CapStep(0, limit_w),), domain, window_ns)
