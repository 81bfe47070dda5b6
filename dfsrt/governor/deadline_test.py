"""Whether periodic requests keep their deadlines in the worst case: tests of real-time theory.

A request is not interrupted within a layer, so one of a longer deadline may hold up another for as
long as its longest layer takes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dfsrt.base.arrays import Ints
from dfsrt.governor.family import RowTimes
from dfsrt.governor.queue_view import QueueWorkload

FULL = 1.0 + 1e-5
"""All of the time: layers take whole nanoseconds, and the shortest are rounded by so much."""
MOST_POINTS = 20_000
"""Deadlines that are looked at; where there are more a test that needs none decides."""


@dataclass(frozen=True, slots=True)
class Task:
    """A periodic task: worst time and longest layer, by plan, ``(n_plans,)``; its times in ns.

    ``period_ns`` is infinite for a request that comes once.
    """

    worst_ns: Ints
    longest_ns: Ints
    period_ns: float
    deadline_ns: float

    @property
    def interval_ns(self) -> float:
        """The shorter of period and deadline."""
        return min(self.period_ns, self.deadline_ns)


def task_times(workload: QueueWorkload) -> tuple[float, float]:
    """Return period and deadline; a missing deadline is the period, and 0 where there is neither.

    Time on the host is taken from the deadline: it is not the NPU's to use.
    """
    period = float("inf") if workload.period_ns is None else float(workload.period_ns)
    if workload.deadline_ns is None:
        deadline = 0.0 if workload.period_ns is None else period
    else:
        deadline = float(workload.deadline_ns)
    host = max(sum(step.host_ns for step in program) for program in workload.programs)
    return period, max(deadline - host, 0.0)


def tasks_of(workloads: Sequence[QueueWorkload], times: RowTimes) -> list[Task]:
    """Return the task of each workload."""
    return [Task(times.worst(w), times.longest(w), *task_times(w)) for w in workloads]


def edf_keeps(tasks: Sequence[Task], row: int) -> bool:
    """Whether the earliest deadline first keeps all deadlines under plan number ``row``.

    The demand by each deadline, and the longest layer of those with later ones, fit in the time up
    to it (Baruah's and Jeffay's tests); exact where all requests come at once.
    """
    busy = [t for t in tasks if t.worst_ns[row] > 0]
    if any(t.interval_ns <= 0 for t in busy):
        return False
    load = sum(float(t.worst_ns[row]) / t.period_ns for t in busy)
    if load > FULL:
        return False
    until = _until_ns(busy, row, load)
    if sum(until / t.period_ns + 1 for t in busy) > MOST_POINTS:
        return _dense(busy, row)
    points = [np.arange(t.deadline_ns, until + 1, t.period_ns) for t in busy if t.period_ns < until]
    at = np.unique(np.concatenate([*points, [t.deadline_ns for t in busy]]))
    need = np.zeros(len(at))
    for t in busy:
        times = np.floor((at - t.deadline_ns) / t.period_ns) + 1
        need += np.where(at >= t.deadline_ns, times, 0) * float(t.worst_ns[row])
    blocked = [_blocking(busy, row, float(x)) for x in at]
    return bool((need + blocked <= at * FULL).all())


def _until_ns(tasks: Sequence[Task], row: int, load: float) -> float:
    """Return the last deadline that has to be looked at."""
    last = max((t.deadline_ns for t in tasks), default=0.0)
    if all(t.deadline_ns >= t.period_ns for t in tasks):
        return last
    behind = sum(
        max(t.period_ns - t.deadline_ns, 0) * float(t.worst_ns[row]) / t.period_ns
        for t in tasks
        if t.period_ns < float("inf")
    )
    once = sum(float(t.worst_ns[row]) for t in tasks if t.period_ns == float("inf"))
    return max(last, (behind + once) / max(1 - load, 1e-9))


def _dense(tasks: Sequence[Task], row: int) -> bool:
    """A sufficient test of few steps: each task's share of its shorter time, and blocking."""
    share = 0.0
    for t in sorted(tasks, key=lambda t: t.interval_ns):
        share += float(t.worst_ns[row]) / t.interval_ns
        if share + _blocking(tasks, row, t.deadline_ns) / t.interval_ns > FULL:
            return False
    return True


def _blocking(tasks: Sequence[Task], row: int, deadline_ns: float) -> float:
    """The longest layer of those with later deadlines, begun just before."""
    later = [float(t.longest_ns[row]) - 1 for t in tasks if t.deadline_ns > deadline_ns]
    return max(later, default=0.0)


def rm_keeps(tasks: Sequence[Task], row: int) -> bool:
    """Whether the shortest period first keeps all deadlines under plan number ``row``.

    For each task the worst times of those that come no less often, as often as they come in its
    time, and the longest layer of the others fit in it (Pillai and Shin).
    """
    busy = [t for t in tasks if t.worst_ns[row] > 0]
    if any(t.interval_ns <= 0 for t in busy):
        return False
    for t in busy:
        need = sum(
            np.ceil(t.interval_ns / o.period_ns) * float(o.worst_ns[row])
            for o in busy
            if o.period_ns <= t.period_ns and o.period_ns < float("inf")
        )
        if t.period_ns == float("inf"):
            need += sum(float(o.worst_ns[row]) for o in busy if o.period_ns == float("inf"))
        rarer = [float(o.longest_ns[row]) - 1 for o in busy if o.period_ns > t.period_ns]
        if need + max(rarer, default=0.0) > t.interval_ns * FULL:
            return False
    return True
