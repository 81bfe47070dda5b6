"""Clocks of which no change costs more than it gains."""

from __future__ import annotations

import numpy as np

from dfsrt.base.arrays import Floats, Ints, Mask
from dfsrt.governor.view import View

TIE_NS = 1e-6
"""Cost of another clock than was asked for where it is as good."""
FAR_NS = 1e15
"""Longer than any frame: the cost of a clock that may not run."""


def worth_changing(view: View, level: Ints, may_run: Mask, watts: Floats) -> Ints:
    """Return ``level`` with changes left out that cost more than they gain, ``(n_layers,)``.

    Of all clocks that ``may_run``, ``(n_layers, n_levels)``, the frame of least cost is taken: a
    layer's time where it is longer than at ``level``, and what more energy it takes, at
    ``watts`` of the same shape, counted so that a share of its energy weighs as the same share
    of its time; and the stalls, the one back to the first layer too. So a change is made where
    the share of time or energy that it gains outweighs the stalls. Where stalls cost nothing,
    ``level`` stays.
    """
    stall = view.stall_ns.astype(np.float64)
    if view.n_layers == 1 or (level == level[0]).all() or not stall.any():
        return level
    cost = _costs(view, level, may_run, watts)
    sure = _sure(cost, level, float(stall.max()))
    if sure.any():
        return _between_sure(cost, stall, level, sure)
    return _cheapest_round(cost, stall)


def _sure(cost: Floats, level: Ints, most_ns: float) -> Mask:
    """Return which layers keep their clock whatever the others do, ``(n_layers,)``.

    Another clock would cost more than the two longest stalls that it can save.
    """
    others = cost.copy()
    others[np.arange(len(level)), level] = np.inf
    return np.asarray(others.min(axis=1) > 2.0 * most_ns)


def _between_sure(cost: Floats, stall: Floats, level: Ints, sure: Mask) -> Ints:
    """Return the clocks of the cheapest round; each stretch between sure layers by itself."""
    shift = int(np.argmax(sure))
    cost, level, sure = np.roll(cost, -shift, axis=0), np.roll(level, -shift), np.roll(sure, -shift)
    best = level.copy()
    edges = np.flatnonzero(np.diff(np.append(sure, True).astype(np.int8))) + 1
    for first, stop in edges.reshape(-1, 2).tolist():
        stretch = cost[first:stop].copy()
        stretch[-1] += stall[:, level[stop % len(level)]]
        best[first:stop] = _way(stretch, stall, stall[level[first - 1]])
    return np.roll(best, shift)


def _costs(view: View, level: Ints, may_run: Mask, watts: Floats) -> Floats:
    """What each clock of each layer costs in ns beside its stall, ``(n_layers, n_levels)``."""
    layer = np.arange(view.n_layers)
    duration = view.duration_ns.astype(np.float64)
    asked_ns = duration[layer, level][:, None]
    joules = np.where(may_run, watts, 0.0) * duration
    asked_j = joules[layer, level][:, None]
    dearer = np.where(asked_j > 0, joules / np.where(asked_j > 0, asked_j, 1.0) - 1.0, 0.0)
    cost = np.maximum(duration - asked_ns, 0.0) + np.maximum(dearer, 0.0) * asked_ns
    cost += TIE_NS
    cost[~may_run] = FAR_NS
    cost[layer, level] = 0.0
    return cost


def _cheapest_round(cost: Floats, stall: Floats) -> Ints:
    """Return the clocks of the cheapest round; ties go to the slowest clock."""
    n, levels = cost.shape
    # Two rounds with free ends tell the clock that the middle of an endless row begins with.
    free = _way(np.concatenate([cost, cost, cost]), stall, np.zeros(levels))
    first = int(free[n])
    begin = np.full(levels, np.inf)
    begin[first] = 0.0
    return _way(np.concatenate([cost[1:], cost[:1] + begin]), stall, stall[first])[
        np.r_[n - 1, : n - 1]
    ]


def _way(cost: Floats, stall: Floats, entry: Floats) -> Ints:
    """Return the cheapest way through rows of costs, ``(n,)``; ``entry`` is for the first row."""
    n, levels = cost.shape
    came = np.zeros((n, levels), dtype=np.int64)
    total = cost[0] + entry
    every = np.arange(levels)
    for row in range(1, n):
        ways = total[:, None] + stall
        came[row] = ways.argmin(axis=0)
        total = ways[came[row], every] + cost[row]
    way = np.zeros(n, dtype=np.int64)
    way[-1] = int(np.argmin(total))
    for row in range(n - 1, 0, -1):
        way[row - 1] = came[row, way[row]]
    return way
