"""``schedutil``: the scheduler's governor, clock in proportion to utilisation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from dfsrt.base.plugin import number_param, time_param
from dfsrt.governor.governor import BaseGovernor
from dfsrt.governor.plan import Plan, uniform
from dfsrt.governor.view import View


@dataclass(frozen=True, slots=True)
class Schedutil(BaseGovernor):
    """The slowest clock at or above ``headroom`` · f_max · utilisation.

    Utilisation is frequency-invariant: busy share times clock over top clock.
    Source: Linux kernel/sched/cpufreq_schedutil.c: headroom 1.25, tipping point 0.8.
    Limits: the cap is not looked at; no per-entity decay, the last period alone counts.
    """

    name: ClassVar[str] = "schedutil"
    sees_cap: ClassVar[bool] = False
    headroom: float = number_param("clock over the clock that would just do", 1.25, 1, 10)
    period: int = time_param("rate limit: how often the clock may be chosen anew", 10_000_000)

    @property
    def sampling_ns(self) -> int | None:
        """The rate limit."""
        return self.period

    def plan(self, view: View) -> Plan:
        """Return the level for the last period's utilisation; the top one before the first."""
        seen = view.telemetry
        if seen is None or seen.total_ns == 0:
            return uniform(view, view.top)
        wish = self.headroom * int(view.freqs_hz[seen.level]) * seen.busy_ns / seen.total_ns
        return uniform(view, view.level_at_least(wish))
