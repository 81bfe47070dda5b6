"""``dfs``: one voltage held through the network, the highest allowable clock per layer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from dfsrt.base.arrays import Ints, Mask
from dfsrt.base.errors import InputError
from dfsrt.governor.governor import BaseGovernor
from dfsrt.governor.params import choice_param, number_param, voltage_param
from dfsrt.governor.plan import SAME_TIME, Plan, highest_that_fits, lowest_of_equal_time
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
        fits = view.fits()
        index = self._best(view, fits) if self.rail is None else _at_or_above(view, self.rail)
        rail = np.full(view.n_layers, view.set_points_uv[index])
        return Plan(self._levels(view, fits[:, :, index]), rail)

    def _best(self, view: View, fits: Mask) -> int:
        """Index of the fastest voltage at which every layer can keep the cap; 0 if none.

        Voltages at which some layer cannot are left out: breaking the cap is no way to win.
        """
        at_each = np.moveaxis(fits, -1, 0)
        times = [
            _time_ns(view, self._levels(view, at)) if at.any(axis=1).all() else np.inf
            for at in at_each
        ]
        return int(np.argmin(times))

    def _levels(self, view: View, fits: Mask) -> Ints:
        """The clock of each layer, ``(n_layers,)``; ``fits`` is ``(n_layers, n_levels)``."""
        level = highest_that_fits(fits)
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


def _time_ns(view: View, level: Ints) -> float:
    """Time of one inference, clock changes included, the one back to the first layer too."""
    running = np.take_along_axis(view.duration_ns, level[:, None], axis=1).sum()
    return float(running + view.stall_ns[np.roll(level, 1), level].sum())
