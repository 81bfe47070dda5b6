"""``segment-dvfs``: a voltage for each block that pays for its ramps, a clock for each layer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from dfsrt.base.arrays import Floats, Ints, packed
from dfsrt.base.compiled import compiled
from dfsrt.governor.allowed import allowed_points
from dfsrt.governor.governor import BaseGovernor
from dfsrt.governor.plan import Plan, highest_that_fits, lowest_of_equal_time
from dfsrt.governor.view import View


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
        level = self._levels(view)
        row = np.arange(view.n_layers)
        over = ~allowed_points(view)[row[:, None], level, np.arange(level.shape[1])]
        penalty = over * (4.0 * view.duration_ns.max(axis=1).sum())
        duration, stall, moves = packed(view.duration_ns), packed(view.stall_ns), view.move_ns()
        blocks_from = compiled(_blocks, (_trace,))
        ways = [
            blocks_from(duration, penalty, level, stall, moves, start)
            for start in range(level.shape[1])
        ]
        _, chosen, target = min(ways, key=lambda way: float(way[0]))
        return Plan(chosen, view.set_points_uv[target])

    def _levels(self, view: View) -> Ints:
        """The clock of each layer at each voltage, ``(n_layers, n_set_points)``."""
        columns, fits = [], view.fits()
        for index in range(len(view.set_points_uv)):
            level = highest_that_fits(fits[:, :, index])
            columns.append(lowest_of_equal_time(view.duration_ns, level))
        return np.stack(columns, axis=1)


def _blocks(
    duration: Ints, penalty: Floats, level: Ints, stall_ns: Ints, moves: Ints, start: int
) -> tuple[float, Ints, Ints]:
    """Return cost, and level and target of each layer; settled at ``start`` at both ends."""
    n, points = level.shape
    cost = np.full((n + 1, points), np.inf)
    came = np.zeros((n + 1, points, 2), np.int64)  # layer and set point before
    cost[0, start] = 0.0
    for layer in range(n):
        for before in range(points):
            if cost[layer, before] == np.inf:
                continue
            for to in range(points):
                now, total, i = 0.0, cost[layer, before], layer
                previous = level[layer - 1, before] if layer > 0 else level[n - 1, start]
                while i < n and (i == layer or now < moves[before, to]):
                    new = min(level[i, before], level[i, to])
                    stall = stall_ns[previous, new]
                    total += duration[i, new] + stall + max(penalty[i, before], penalty[i, to])
                    # A command downwards is given after the first layer's stall.
                    now += duration[i, new] + (0 if i == layer and to < before else stall)
                    previous = new
                    i += 1
                if now >= moves[before, to] and total < cost[i, to]:
                    cost[i, to] = total
                    came[i, to, 0], came[i, to, 1] = layer, before
    chosen, target = _trace(came, level, start)
    return cost[n, start], chosen, target


def _trace(came: Ints, level: Ints, start: int) -> tuple[Ints, Ints]:
    """Return level and target of each layer along the path that ends at ``start``."""
    n = len(level)
    chosen, target = np.zeros(n, np.int64), np.zeros(n, np.int64)
    end, to = n, start
    while end > 0:
        first, before = came[end, to, 0], came[end, to, 1]
        for i in range(first, end):
            chosen[i], target[i] = min(level[i, before], level[i, to]), to
        end, to = first, before
    return chosen, target
