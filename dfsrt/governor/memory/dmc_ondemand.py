"""``dmc_ondemand``: Rockchip's rule for its memory controller, simple_ondemand on bus load."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from dfsrt.base.plugin import bytes_param, number_param, time_param
from dfsrt.governor.memory.governor import BaseMemoryGovernor, BusView
from dfsrt.governor.ondemand import check_thresholds, ondemand_level


@dataclass(frozen=True, slots=True)
class DmcOndemand(BaseMemoryGovernor):
    """The top clock above ``up`` percent of bus load; hold a little below; else in proportion.

    Load is what has been moved over what the point that was set moves in as long at the most:
    a monitor on the bus counts bursts. It begins at the top clock.
    Source: Linux drivers/devfreq/governor_simpleondemand.c for the rule; Rockchip's dmc driver
    for polling every 50 ms, its device trees for thresholds 25 and 20.
    Limits: a floor by the system's state, which vendors add, is not there.

    Raises:
        InputError: ``down`` is above ``up``.
    """

    name: ClassVar[str] = "dmc_ondemand"
    up: float = number_param("bus load, in percent, that asks for the top clock", 25, 1, 100)
    down: float = number_param("percent below `up` in which the clock is held", 20, 0, 100)
    period: int = time_param("how often the load is looked at", 50_000_000)
    other: int = bytes_param("bytes a second that others than the NPU move", 0)

    def __post_init__(self) -> None:
        check_thresholds(self.name, self.up, self.down)

    @property
    def sampling_ns(self) -> int | None:
        """The polling period."""
        return self.period

    def choose(self, view: BusView) -> int:
        """Return the point for the last period's load; the top one before the first."""
        if not view.moved_bytes:
            return view.top
        seconds = view.period_ns * 1e-9
        moved = view.moved_bytes[0] + self.other * seconds
        most = view.bandwidth_bytes_per_s[view.point] * seconds
        return ondemand_level(moved, most, view.point, view.freqs_hz, self.up, self.down)
