"""``dfs``: one voltage held through the network, the highest allowable clock per layer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from dfsrt.base.arrays import Ints, Mask
from dfsrt.base.errors import InputError
from dfsrt.base.plugin import choice_param, number_param, voltage_param
from dfsrt.governor.governor import BaseGovernor
from dfsrt.governor.plan import SAME_TIME, Plan, highest_that_fits, lowest_of_equal_time
from dfsrt.governor.view import View
from dfsrt.governor.worth import worth_changing


@dataclass(frozen=True, slots=True)
class Dfs(BaseGovernor):
    """The highest clock under the cap for each layer, at a voltage that does not move.

    The voltage is the one that gives the least time under the cap, stalls of clock changes
    included, or ``rail``. Where a layer takes the same time at several clocks (memory-bound),
    the lowest of them is taken, unless ``tie=highest``; of voltages with the same time, the one
    of least energy, the NPU's own. Times within ``same`` are the same. No clock changes where the
    stalls cost more than the change gains.
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
        fits = view.fits()
        if self.rail is None:
            index, level = self._best(view, fits)
        else:
            index = _at_or_above(view, self.rail)
            level = self._levels(view, fits, index)
        return Plan(level, np.full(view.n_layers, view.set_points_uv[index]))

    def _best(self, view: View, fits: Mask) -> tuple[int, Ints]:
        """Index of the voltage of least energy among the fastest, or 0, and the clocks there.

        Voltages at which some layer cannot keep the cap are left out: breaking it is no way to
        win. So are those at which not even the fastest clocks, without a stall, are fast enough.
        """
        usable = np.flatnonzero(fits.any(axis=1).all(axis=0)).tolist()
        floors = sorted((_floor_ns(view, fits[:, :, index]), index) for index in usable)
        levels: dict[int, Ints] = {}
        known: list[tuple[float, float, int]] = []
        limit_ns = np.inf
        for floor_ns, index in floors:
            if floor_ns > limit_ns:
                break
            levels[index] = self._levels(view, fits, index)
            known.append((*_time_and_energy(view, levels[index], index), index))
            limit_ns = min(limit_ns, known[-1][0] * (1.0 + self.same))
        fast = [one for one in known if one[0] <= limit_ns]
        if not fast:
            return 0, self._levels(view, fits, 0)
        _, _, best = min(fast, key=lambda one: (one[1], one[0], one[2]))
        return best, levels[best]

    def _levels(self, view: View, fits: Mask, index: int) -> Ints:
        """The clock of each layer at a set point, ``(n_layers,)``."""
        at, watts = fits[:, :, index], view.npu_w[:, :, index]
        level = highest_that_fits(at)
        if self.tie == "lowest":
            level = lowest_of_equal_time(view.duration_ns, level, self.same)
        return worth_changing(view, level, at, watts)


def _floor_ns(view: View, fits: Mask) -> float:
    """Time of a frame at the fastest clocks of those that fit, ``(n_layers, n_levels)``."""
    return float(np.where(fits, view.duration_ns, np.inf).min(axis=1).sum())


def _at_or_above(view: View, rail_uv: int) -> int:
    """Index of the lowest set point at or above ``rail_uv``, which must be in their range."""
    low, high = int(view.set_points_uv[0]), int(view.set_points_uv[-1])
    if not low <= rail_uv <= high:
        raise InputError(
            f"dfs: rail={rail_uv * 1e-6:g}V is outside this device's {low * 1e-6:g} V to "
            f"{high * 1e-6:g} V; write it like rail={high // 1000}mV"
        )
    return int(np.searchsorted(view.set_points_uv, rail_uv))


def _time_and_energy(view: View, level: Ints, index: int) -> tuple[float, float]:
    """Time and the NPU's predicted energy of one frame, all clock changes included.

    What a stall draws is assumed: the layer's lowest clock.
    """
    layer = np.arange(view.n_layers)
    running, stalled = view.duration_ns[layer, level], view.stall_ns[np.roll(level, 1), level]
    watts = view.npu_w[:, :, index]
    joules = (watts[layer, level] * running + watts[:, 0] * stalled).sum()
    return float((running + stalled).sum()), float(joules)
