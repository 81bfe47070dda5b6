"""``pid``: holds the cap from the power meter alone, without a power model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from dfsrt.base.plugin import number_param, time_param
from dfsrt.governor.governor import BaseGovernor
from dfsrt.governor.plan import Plan, uniform
from dfsrt.governor.view import Telemetry, View


@dataclass(frozen=True, slots=True)
class Pid(BaseGovernor):
    """Moves the clock by what the meter read against the cap; begins at the slowest.

    The velocity form: each sample changes the last clock by the share ``ki``·e0 + ``kp``·(e0 -
    e1) + ``kd``·(e0 - 2·e1 + e2), where e is (cap - reading) / cap, newest first. It needs no
    memory but the last readings, and cannot wind up. Clocks snap down, so that it settles below
    the cap; a step too small for the next clock is taken all the same where the last reading,
    scaled by f·V² to that clock, keeps the cap. Or a wide gap between two clocks held it for ever.
    Source: the textbook's velocity form of PID; gains are assumed, period as NVML's power limiter
    is seen to act on (tens of ms) or faster.
    Limits: one clock for all layers, and the meter shows means of the NPU's power: a layer may
    exceed a cap that the mean keeps. A cap on another domain is held as if it were the NPU's.
    Scaling leakage by f, too, errs on the side of the cap.
    """

    name: ClassVar[str] = "pid"
    reads_power: ClassVar[bool] = True
    ki: float = number_param("share of the clock per share of the cap left over", 0.8, 0, 10)
    kp: float = number_param("the same for what was left over since the last sample", 0.2, 0, 10)
    kd: float = number_param("the same for its change", 0.0, 0, 10)
    period: int = time_param("how often the meter is read", 5_000_000)

    @property
    def sampling_ns(self) -> int | None:
        """The sampling period."""
        return self.period

    def plan(self, view: View) -> Plan:
        """Return the level for the last readings; the slowest before the first."""
        seen = view.telemetry
        if seen is None:
            return uniform(view, 0)
        limit_w = _limit_w(view)
        if not np.isfinite(limit_w):
            return uniform(view, view.top)
        if not seen.power_w:
            return uniform(view, seen.level)
        wish_hz = int(view.freqs_hz[seen.level]) * (1 + self._change(seen, limit_w))
        level = view.level_at_most(wish_hz)
        if level == seen.level and wish_hz > view.freqs_hz[level] and _next_fits(view, seen):
            level += 1
        return uniform(view, level)

    def _change(self, seen: Telemetry, cap_w: float) -> float:
        """Share by which the clock is to change; missing readings are taken as the oldest."""
        left = [1 - watts / cap_w for watts in seen.power_w]
        e0, e1, e2 = (*left, left[-1], left[-1])[:3]
        return self.ki * e0 + self.kp * (e0 - e1) + self.kd * (e0 - 2 * e1 + e2)


def _limit_w(view: View) -> float:
    """The least of cap and limit: the meter reads the NPU's watts, whatever the cap holds."""
    return min(view.cap_w, view.npu_limit_w)


def _next_fits(view: View, seen: Telemetry) -> bool:
    """Whether the last reading, scaled by f·V² to the next clock, keeps the cap."""
    if seen.level == view.top:
        return False
    fv2 = view.freqs_hz * (view.rails_uv * 1e-6) ** 2
    return bool(seen.power_w[0] * fv2[seen.level + 1] / fv2[seen.level] <= _limit_w(view))
