"""``dfs``: one voltage held through the network, the highest allowable clock per layer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from dfsrt.base.arrays import Ints
from dfsrt.base.errors import InputError
from dfsrt.governor.governor import BaseGovernor
from dfsrt.governor.params import choice_param, number_param, voltage_param
from dfsrt.governor.plan import SAME_TIME, Plan, highest_under_cap, lowest_of_equal_time
from dfsrt.governor.view import View


@dataclass(frozen=True, slots=True)
class Dfs(BaseGovernor):
    """The highest clock under the cap for each layer, at a voltage that does not move.

    The voltage is the one that gives the least time under the cap, stalls of clock changes
    included, or ``rail``. Where a layer takes the same time at several clocks (memory-bound),
    the lowest of them is taken, unless ``tie=highest``; times within ``same`` are the same.
    Source: Chung et al., ETRI J. 44(5), 2022: the highest frequency under the limit, per layer.

    Raises, on planning:
        InputError: ``rail`` is outside the device's voltages.
    """

    name: ClassVar[str] = "dfs"
    rail: int | None = voltage_param("voltage to hold, or auto")
    tie: str = choice_param("which of several equally fast clocks", "lowest", "lowest", "highest")
    same: float = number_param("times within this share count as the same", SAME_TIME, 0, 0.5)

    def plan(self, view: View) -> Plan:
        """Return the levels at the best voltage, or at the one told."""
        index = self._best(view) if self.rail is None else _at_or_above(view, self.rail)
        rail = np.full(view.n_layers, view.set_points_uv[index])
        return Plan(self._levels(view, index), rail)

    def _best(self, view: View) -> int:
        """Index of the fastest voltage at which every layer can keep the cap; 0 if none.

        Voltages at which some layer cannot are left out: breaking the cap is no way to win.
        """
        times = [
            _time_ns(view, self._levels(view, index)) if _keeps_cap(view, index) else np.inf
            for index in range(len(view.set_points_uv))
        ]
        return int(np.argmin(times))

    def _levels(self, view: View, index: int) -> Ints:
        level = highest_under_cap(view.predicted_w[:, :, index], view.cap_w)
        if self.tie == "highest":
            return level
        return lowest_of_equal_time(view.duration_ns, level, self.same)


def _at_or_above(view: View, rail_uv: int) -> int:
    """Index of the lowest set point at or above ``rail_uv``, which must be in their range."""
    low, high = int(view.set_points_uv[0]), int(view.set_points_uv[-1])
    if not low <= rail_uv <= high:
        raise InputError(
            f"dfs: rail={rail_uv * 1e-6:g}V is outside this device's {low * 1e-6:g} V to "
            f"{high * 1e-6:g} V; write it like rail={high // 1000}mV"
        )
    return int(np.searchsorted(view.set_points_uv, rail_uv))


def _keeps_cap(view: View, index: int) -> bool:
    return bool((view.predicted_w[:, :, index].min(axis=1) <= view.cap_w).all())


def _time_ns(view: View, level: Ints) -> float:
    """Time of one inference, clock changes included, the one back to the first layer too."""
    running = np.take_along_axis(view.duration_ns, level[:, None], axis=1).sum()
    return float(running + view.stall_ns[np.roll(level, 1), level].sum())
