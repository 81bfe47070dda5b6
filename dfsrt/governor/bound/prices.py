"""Prices of time: what bounds the energy from below, whatever they are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dfsrt.base.arrays import Floats, Ints
from dfsrt.governor.bound.critical import critical
from dfsrt.governor.bound.frontier import Frontier, common
from dfsrt.governor.bound.tasks import Tasks


def bound_j(tasks: Tasks, idle_w: Floats, price_w: Floats) -> float:
    """Return joules below which no schedule of ``tasks`` can be: the Lagrangian dual.

    ``idle_w`` is what waiting takes at least, ``price_w`` what a second of the NPU costs besides,
    at least 0, each ``(n_intervals,)``. Every price bounds; the best ones are those at which the
    tasks ask for as much time as there is.
    """
    per_second = tasks.least_over(price_w - idle_w)
    work_j = 0.0
    for number, kind in enumerate(tasks.kinds):
        mine = tasks.kind == number
        work_j += float(tasks.count[mine] @ kind.least_at(per_second[mine]))
    return float((idle_w - price_w) @ tasks.length_s) + work_j


def group_prices_w(tasks: Tasks, idle_w: Floats) -> Floats:
    """Return prices from YDS: in each critical group those that fill its time, ``(n_intervals,)``.

    Exact where all kinds are multiples of one frontier and waiting takes the same everywhere, as
    for pure compute; else groups are those of the least times, and the bound is a little low.
    """
    prices = np.zeros(len(idle_w))
    for mine, between, _ in critical(tasks.intervals):
        room_s = float(tasks.length_s[between].sum())
        runs = np.bincount(tasks.kind[mine], tasks.count[mine], minlength=len(tasks.kinds))
        per_second = _filling_w([k.times(n) for k, n in zip(tasks.kinds, runs, strict=True) if n], room_s)
        prices[between] = np.maximum(per_second + idle_w[between], 0.0)
    return prices


def is_exact(tasks: Tasks, idle_w: Floats) -> bool:
    """Return whether the bound at YDS's prices is the optimum of the fluid schedule."""
    return bool(np.ptp(idle_w) == 0.0) and common([tasks.kinds[k] for k in _used(tasks.kind)]) is not None


def _used(kind: Ints) -> list[int]:
    return [int(k) for k in np.unique(kind)]


def _filling_w(parts: Sequence[Frontier], room_s: float) -> float:
    """Watts that a second must cost so that the parts together take just the room."""
    slopes = np.concatenate([p.slopes_w for p in parts])
    order = np.argsort(slopes, kind="stable")
    width = np.concatenate([np.diff(p.time_s) for p in parts])[order]
    taken = sum(float(p.time_s[0]) for p in parts) + np.cumsum(width)
    at = int(np.searchsorted(taken, room_s))
    return -float(slopes[order][at]) if at < len(width) else -np.inf
