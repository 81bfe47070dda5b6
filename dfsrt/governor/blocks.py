"""Blocks of layers at one voltage: the shortest path over layers and voltages, ramps included."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from dfsrt.base.arrays import Floats, Ints
from dfsrt.governor.allowed import allowed_points
from dfsrt.governor.view import View

TIE_NS = 0.4
"""Energy adds less than this to any path: it decides between equal times alone."""


class Ramps(NamedTuple):
    """Ramps by the layer that they begin with, ``(n_layers, n_set_points, n_set_points)`` each.

    ``end`` is the layer after the last, beyond all where the frame is too short, ``cost`` in ns.
    No ramp is one from a set point to itself, a layer long.
    """

    end: Ints
    cost: Floats


def best_blocks(view: View, level: Ints) -> tuple[Ints, Ints]:
    """Return the clock and the set point's index of each layer, ``(n_layers,)`` each.

    ``level`` is ``(n_layers, n_set_points)``: the clock of each layer at each voltage. In a ramp
    a layer runs at the lower of its clocks at both ends. A frame ends at the voltage that it
    begins with.
    """
    n, points = level.shape
    cost = np.full((points, n + 1, points), np.inf)
    came = np.zeros((points, n + 1, points, 2), dtype=np.int64)
    cost[np.arange(points), 0, np.arange(points)] = 0.0
    pair_level = np.minimum(level[:, :, None], level[:, None, :])
    first = [_ramps(view, level, pair_level, start) for start in range(points)]
    every = np.arange(points)
    for layer in range(n):
        # Only the first layer's ramps depend on the voltage that a frame begins with.
        some = first if layer == 0 else first[:1]
        for before in range(points):
            ends = np.stack([ramps.end[layer, before] for ramps in some])
            total = cost[:, layer, before, None] + np.stack(
                [ramps.cost[layer, before] for ramps in some]
            )
            ends = np.broadcast_to(ends, total.shape)
            known = cost[every[:, None], np.minimum(ends, n), every]
            start, to = np.nonzero((ends <= n) & (total < known))
            end = ends[start, to]
            cost[start, end, to] = total[start, to]
            came[start, end, to] = layer, before
    best = int(np.argmin(cost[every, n, every]))
    return _traced(came[best], pair_level, best)


def _ramps(view: View, level: Ints, pair_level: Ints, start: int) -> Ramps:
    """Every ramp; ``start`` is the voltage of the frame before, which layer 0 comes from."""
    n, points = level.shape
    layer, moves = np.arange(n)[:, None, None], view.move_ns()
    ran = view.duration_ns[layer, pair_level]
    stall = np.zeros_like(ran)
    stall[1:] = view.stall_ns[pair_level[:-1], pair_level[1:]]
    last = np.roll(level, 1, axis=0)
    last[0] = level[-1, start]
    entry = view.stall_ns[last[:, :, None], pair_level]
    passed = np.cumsum(ran + stall, axis=0)
    spent = np.cumsum(ran + stall + _charges(view, level, pair_level), axis=0)
    # A command downwards is given after the first layer's stall.
    held = np.arange(points)
    counted = np.where(held[None, :] < held[:, None], 0, entry)
    enough = moves + passed - ran - counted
    end = np.empty_like(ran)
    for before, to in np.ndindex(points, points):
        end[:, before, to] = np.searchsorted(passed[:, before, to], enough[:, before, to])
    end = np.maximum(end, layer) + 1
    stop = np.take_along_axis(spent, np.minimum(end, n) - 1, axis=0)
    before_first = np.concatenate([np.zeros((1, points, points)), spent[:-1]])
    return Ramps(end, stop - before_first - stall + entry)


def _charges(view: View, level: Ints, pair_level: Ints) -> Floats:
    """What a layer costs beside its time: energy as a tie-break, and much where the cap breaks."""
    n, points = level.shape
    layer, held = np.arange(n), np.arange(points)
    over = ~allowed_points(view)[layer[:, None], level, held]
    penalty = over * (4.0 * view.duration_ns.max(axis=1).sum())
    higher = np.maximum(held[:, None], held)
    watts = view.npu_w[layer[:, None, None], pair_level, higher]
    joules = watts * view.duration_ns[layer[:, None, None], pair_level]
    tie = joules * (TIE_NS / max(float(joules.max(axis=(1, 2)).sum()), 1e-300))
    return np.asarray(np.maximum(penalty[:, :, None], penalty[:, None, :]) + tie)


def _traced(came: Ints, pair_level: Ints, start: int) -> tuple[Ints, Ints]:
    """Return level and target of each layer along the path that ends at ``start``."""
    n = len(pair_level)
    chosen, target = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    end, to = n, start
    while end > 0:
        first, before = came[end, to].tolist()
        chosen[first:end], target[first:end] = pair_level[first:end, before, to], to
        end, to = first, before
    return chosen, target
