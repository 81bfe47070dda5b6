"""Prices of time: what bounds the energy from below, whatever they are."""

from __future__ import annotations

import numpy as np

from dfsrt.base.arrays import Floats, Ints
from dfsrt.governor.bound.critical import critical
from dfsrt.governor.bound.frontier import joined
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

    The best there are where all kinds are multiples of one frontier and waiting takes the same
    everywhere, as for pure compute; else groups are those of the least times, and the bound is a
    little low.
    """
    per_second, lone = np.full(len(idle_w), -np.inf), tasks.intervals.lone()
    for number, kind in enumerate(tasks.kinds):
        alone = np.flatnonzero(lone & (tasks.kind == number))
        room_s = tasks.length_s[tasks.first[alone]] / tasks.count[alone]
        per_second[tasks.first[alone]] = _filling_w(kind.time_s[1:], kind.slopes_w, room_s)
    crowd = tasks.of(~lone)
    for mine, between, _ in critical(crowd.intervals):
        room_s = tasks.length_s[between].sum(keepdims=True)
        per_second[between] = _filling_w(*_steps(crowd, mine), room_s)
    return np.maximum(per_second + idle_w, 0.0)


def _steps(tasks: Tasks, mine: Ints) -> tuple[Floats, Floats]:
    """The time that some tasks take together after each step, and its slope, steepest first."""
    runs = np.bincount(tasks.kind[mine], tasks.count[mine], minlength=len(tasks.kinds))
    whole = joined([k.times(n) for k, n in zip(tasks.kinds, runs.tolist(), strict=True) if n])
    return whole.time_s[1:], whole.slopes_w


def _filling_w(taken_s: Floats, slopes_w: Floats, room_s: Floats) -> Floats:
    """Watts that a second must cost so that work takes just the room, ``(n,)``; else none.

    The work takes ``taken_s`` after each step of ``slopes_w``, ``(n_steps,)`` each.
    """
    step = np.searchsorted(taken_s, room_s)
    return np.append(-slopes_w, -np.inf)[step]
