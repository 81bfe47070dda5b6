"""Prices of time: what bounds the energy from below, whatever they are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dfsrt.base.arrays import Floats, Ints, Mask
from dfsrt.governor.bound.critical import critical
from dfsrt.governor.bound.edf import late_tasks
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
    """Return prices as of YDS, ``(n_intervals,)``: in each critical group what fills its time.

    The best there are where waiting takes the same everywhere (``is_even``); else the bound is low
    where a task could choose to run where waiting takes more.
    """
    prices, crowd = np.zeros(len(idle_w)), tasks.of(scarce(tasks, idle_w))

    def spread(numbers: Ints, room_s: float) -> Floats:
        return _shared(crowd, numbers, room_s)[1]

    for mine, between in critical(crowd.intervals, spread):
        per_second, _ = _shared(crowd, mine, float(tasks.length_s[between].sum()))
        prices[between] = np.maximum(per_second + idle_w[between], 0.0)
    return prices


def is_even(idle_w: Floats) -> bool:
    """Return whether waiting takes the same in all intervals, ``(n_intervals,)``."""
    return bool(np.ptp(idle_w) == 0.0)


def scarce(tasks: Tasks, idle_w: Floats, uneven: bool = False) -> Mask:
    """Return which tasks are in a cluster without time for all that its tasks would take.

    ``idle_w`` is ``(n_intervals,)``, what is returned ``(n_tasks,)``. In the others time is free,
    unless waiting takes more in one interval than in another: with ``uneven`` they count, too.
    """
    free_s = np.array([kind.time_at(float(idle_w.max())) for kind in tasks.kinds])
    choosy = late_tasks(tasks.intervals, free_s[tasks.kind] * tasks.count)
    if uneven:
        choosy |= tasks.least_over(idle_w) < -tasks.least_over(-idle_w)
    cluster = tasks.intervals.clusters()
    return np.isin(cluster, cluster[choosy])


def _shared(tasks: Tasks, mine: Ints, room_s: float) -> tuple[float, Floats]:
    """Watts at which some tasks take just the room together, and the time of each.

    At such a price some may take more or less: each takes the same share of that.
    """
    kind, count = tasks.kind[mine], tasks.count[mine]
    slope = _filling_w(tasks, np.bincount(kind, count, len(tasks.kinds)).tolist(), room_s)
    least, most = (
        np.array([k.time_s[np.searchsorted(k.slopes_w, slope, side)] for k in tasks.kinds])[kind]
        * count
        for side in ("left", "right")
    )
    open_s = float(most.sum() - least.sum())
    share = min(max((room_s - float(least.sum())) / open_s, 0.0), 1.0) if open_s > 0 else 0.0
    return -slope, least + share * (most - least)


def _filling_w(tasks: Tasks, runs: Sequence[float], room_s: float) -> float:
    """Joules that a second more saves where so many ``runs`` of each kind just take the room.

    Infinite where there is room for all that they could take. It is a slope of one of them, to the
    last digit, so that what stands at that slope is known.
    """
    pairs = [(k, n) for k, n in zip(tasks.kinds, runs, strict=True) if n]
    slopes = np.concatenate([k.slopes_w for k, _ in pairs])
    order = np.argsort(slopes, kind="stable")
    taken_s = np.cumsum(np.concatenate([np.diff(k.time_s) * n for k, n in pairs])[order])
    step = int(np.searchsorted(taken_s, room_s - sum(float(k.time_s[0]) * n for k, n in pairs)))
    return float(slopes[order[step]]) if step < len(order) else np.inf
