"""``segment-dvfs``: a voltage for each block that pays for its ramps, a clock for each layer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from dfsrt.base.arrays import Ints
from dfsrt.governor.blocks import best_blocks
from dfsrt.governor.governor import BaseGovernor
from dfsrt.governor.plan import Plan, highest_that_fits, lowest_of_equal_time
from dfsrt.governor.view import View
from dfsrt.governor.worth import worth_changing


@dataclass(frozen=True, slots=True)
class SegmentDvfs(BaseGovernor):
    """The voltage that pays for each block of layers; the highest clock under the cap for each.

    Each layer's clock at each voltage is as in ``dfs``. Blocks come from the shortest path over
    layers and voltages: a ramp takes as many layers as it lasts, each at the lower of its clocks
    at the ramp's two ends, so that it keeps the cap at both. A block is made only where it earns
    back its ramps.
    Limits: no layer is slowed down on purpose, no ramp spans two frames, and of two ways to the
    same layer and voltage the faster is taken, whatever clock it ends with.
    """

    name: ClassVar[str] = "segment-dvfs"

    def plan(self, view: View) -> Plan:
        """Return the blocks' voltages and the layers' clocks, ramps included."""
        level, target = best_blocks(view, self._levels(view))
        return Plan(level, view.set_points_uv[target])

    def _levels(self, view: View) -> Ints:
        """The clock of each layer at each voltage, ``(n_layers, n_set_points)``."""
        columns, fits = [], view.fits()
        for index in range(len(view.set_points_uv)):
            at = fits[:, :, index]
            level = lowest_of_equal_time(view.duration_ns, highest_that_fits(at))
            columns.append(worth_changing(view, level, at, view.npu_w[:, :, index]))
        return np.stack(columns, axis=1)
