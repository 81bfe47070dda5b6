"""Earliest deadline first: whether work fits into its windows, as it does if anything can do it."""

from __future__ import annotations

from heapq import heappop, heappush

import numpy as np

from dfsrt.base.arrays import Floats, Mask
from dfsrt.governor.bound.critical import Intervals

SLACK = 1e-9
"""Of a task's time that may be left at its deadline: what floating point is off by."""


def late_tasks(tasks: Intervals, time_s: Floats) -> Mask:
    """Return which tasks, that take ``time_s``, are late, ``(n_tasks,)`` each."""
    at = np.concatenate([[0.0], np.cumsum(tasks.length)])
    begin, end, left = at[tasks.first].tolist(), at[tasks.last].tolist(), time_s.tolist()
    order = np.argsort(tasks.first, kind="stable").tolist()
    late, ready, now = np.zeros(len(order), dtype=bool), list[tuple[float, int]](), 0.0
    for number, task in enumerate(order):
        now = max(now, begin[task])
        heappush(ready, (end[task], task))
        until = begin[order[number + 1]] if number + 1 < len(order) else np.inf
        while ready and now < until:
            due, first = ready[0]
            ran = min(left[first], until - now)
            now, left[first] = now + ran, left[first] - ran
            late[first] |= now > due + SLACK * time_s[first]
            if left[first] <= 0.0:
                heappop(ready)
    return late
