"""Prices of time: what bounds the energy from below, whatever they are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dfsrt.base.arrays import Floats, Ints, Mask
from dfsrt.governor.bound.critical import critical
from dfsrt.governor.bound.edf import late_tasks
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
    per_second, crowd = np.full(len(idle_w), -np.inf), tasks.of(scarce(tasks, idle_w))
    for mine, between, _ in critical(crowd.intervals):
        room_s = float(tasks.length_s[between].sum())
        per_second[between] = _filling_w(crowd, mine, room_s)
    return np.maximum(per_second + idle_w, 0.0)


def scarce(tasks: Tasks, idle_w: Floats) -> Mask:
    """Return which tasks are in a cluster without time for all that its tasks would take.

    ``idle_w`` is ``(n_intervals,)``, what is returned ``(n_tasks,)``. In the others time is free.
    """
    free_s = np.array([kind.time_at(float(idle_w.max())) for kind in tasks.kinds])
    wanted = replace(tasks.intervals, work=free_s[tasks.kind] * tasks.count)
    cluster = wanted.clusters()
    return np.isin(cluster, cluster[late_tasks(wanted)])


def _filling_w(tasks: Tasks, mine: Ints, room_s: float) -> float:
    """Watts that a second must cost so that some tasks take just the room."""
    runs = np.bincount(tasks.kind[mine], tasks.count[mine], minlength=len(tasks.kinds))
    whole = joined([k.times(n) for k, n in zip(tasks.kinds, runs.tolist(), strict=True) if n])
    step = int(np.searchsorted(whole.time_s[1:], room_s))
    return -float(whole.slopes_w[step]) if step < len(whole.slopes_w) else -np.inf
