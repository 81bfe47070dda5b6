"""``simple_ondemand``: devfreq's rule of thumb on how busy the device was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from dfsrt.base.errors import InputError
from dfsrt.base.plugin import number_param, time_param
from dfsrt.device.opp import level_at_least
from dfsrt.governor.governor import BaseGovernor
from dfsrt.governor.plan import Plan, uniform
from dfsrt.governor.view import View


@dataclass(frozen=True, slots=True)
class SimpleOndemand(BaseGovernor):
    """Top clock when busier than ``up``; hold a little below that; else in proportion.

    Source: Linux drivers/devfreq/governor_simpleondemand.c: thresholds 90 and 5, the five
    rules in their order; polling 50 ms as the RK3588 vendor driver does.
    Limits: the cap is not looked at; the kernel leaves that to its thermal framework.

    Raises:
        InputError: ``down`` is above ``up``.
    """

    name: ClassVar[str] = "simple_ondemand"
    sees_cap: ClassVar[bool] = False
    up: float = number_param("busy share, in percent, that asks for the top clock", 90, 1, 100)
    down: float = number_param("percent below `up` in which the clock is held", 5, 0, 100)
    period: int = time_param("how often the load is looked at", 50_000_000)

    def __post_init__(self) -> None:
        check_thresholds(self.name, self.up, self.down)

    @property
    def sampling_ns(self) -> int | None:
        """The polling period."""
        return self.period

    def plan(self, view: View) -> Plan:
        """Return the level for the last period's load; the top one before the first."""
        return uniform(view, self._level(view))

    def _level(self, view: View) -> int:
        seen = view.telemetry
        if seen is None or seen.total_ns == 0:
            return view.top
        busy, freqs_hz = seen.busy_ns, view.freqs_hz.tolist()
        return ondemand_level(busy, seen.total_ns, seen.level, freqs_hz, self.up, self.down)


def ondemand_level(
    busy: float, total: float, level: int, freqs_hz: Sequence[int], up: float, down: float
) -> int:
    """Return the level for a load that was counted at ``level`` of the clocks ``(n_levels,)``.

    ``up`` and ``down`` are percent.
    """
    if 100 * busy > total * up:
        return len(freqs_hz) - 1
    if 100 * busy > total * (up - down):
        return level
    # The kernel divides 5 by 2 in integers: 90 - 2.
    return level_at_least(freqs_hz, 100 * busy / total * freqs_hz[level] / (up - down // 2))


def check_thresholds(name: str, up: float, down: float) -> None:
    """Check the thresholds of a governor, both in percent of load.

    Raises:
        InputError: ``down`` is above ``up``.
    """
    if down > up:
        raise InputError(
            f"{name}: down={down:g} is above up={up:g}; "
            "down is a distance below up, so make it smaller"
        )
