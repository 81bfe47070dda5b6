"""Plans from least energy to least time, for all networks of a view alike."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from dfsrt.governor.deadline_test import task_times
from dfsrt.governor.family import row_times
from dfsrt.governor.optimum.budget import Budget
from dfsrt.governor.optimum.hull import lower_hull
from dfsrt.governor.optimum.recent import digest_of
from dfsrt.governor.optimum.solution import Solution
from dfsrt.governor.optimum.tradeoff import Tradeoff
from dfsrt.governor.plan import Plan
from dfsrt.governor.queue_view import QueueWorkload
from dfsrt.governor.view import View

GAP = 1e-3
"""The gap at which a search may stop."""
MOST_RECENT = 32
_RECENT: dict[tuple[bytes, int], list[Solution]] = {}
"""What was found a moment ago, by view and time: not what others have found beyond that."""


def pace_plans(
    view: View, workloads: Sequence[QueueWorkload], most: int, time_ns: int
) -> tuple[Plan, ...]:
    """Return plans for all layers, slowest first, ``most`` at most.

    Of one network they are what was found of its frontier. Of several each holds the corners that
    one price of time, in watts, picks of all frontiers: for a request through several networks no
    other split of its time takes less energy.
    """
    sections = sections_of(workloads, view.n_layers)
    fronts = [_front(view.of_layers(first, stop), time_ns) for first, stop in sections]
    if len(fronts) == 1:
        picked = [[solution] for solution in fronts[0]]
    else:
        picked = _by_price([lower_hull(front) for front in fronts])
    rows = _thinned(picked, most)
    return tuple(_joined(row) for row in reversed(rows))


def sections_of(workloads: Sequence[QueueWorkload], n_layers: int) -> list[tuple[int, int]]:
    """Return the first layer of each network, and the one after its last.

    Steps that share layers are of one network; layers that nobody runs go with those before them.
    """
    steps = {
        (step.first, step.stop)
        for workload in workloads
        for program in workload.programs
        for step in program
        if step.stop > step.first
    }
    begins, end = [0], 0
    for first, stop in sorted(steps):
        if first >= end > 0:
            begins.append(first)
        end = max(end, stop)
    return list(pairwise([*begins, n_layers]))


def slow_enough(view: View, plans: tuple[Plan, ...], workloads: Sequence[QueueWorkload]) -> int:
    """Return the slowest plan at which a lone request of any workload is in time."""
    times, last = row_times(view, plans), len(plans) - 1
    worst = 0
    for workload in workloads:
        room = task_times(workload)[1]
        if room > 0:
            fits = np.flatnonzero(times.worst(workload) <= room)
            worst = max(worst, int(fits[0]) if len(fits) else last)
    return worst


def _front(view: View, time_ns: int) -> list[Solution]:
    """Return the plans of which none is both faster and thriftier, fastest first."""
    key = digest_of(view), time_ns
    front = _RECENT.pop(key, None)
    if front is None:
        tradeoff = Tradeoff(view, GAP, Budget(time_ns))
        tradeoff.ask(GAP, Budget(time_ns), exact_time=False)
        tradeoff.corners()
        front = tradeoff.front()
    _RECENT[key] = front
    while len(_RECENT) > MOST_RECENT:
        del _RECENT[next(iter(_RECENT))]
    return front


def _by_price(hulls: list[list[Solution]]) -> list[list[Solution]]:
    """Return what each price between two corners of any hull picks, fastest first."""
    slopes = {
        (a.energy_j - b.energy_j) / (b.time_ns - a.time_ns)
        for hull in hulls
        for a, b in pairwise(hull)
    }
    picked = [[hull[0] for hull in hulls]]
    for slope in sorted(slopes, reverse=True):
        price = slope * (1 - 1e-9)
        row = [min(hull, key=lambda s: s.energy_j + price * s.time_ns) for hull in hulls]
        if any(one is not other for one, other in zip(row, picked[-1], strict=True)):
            picked.append(row)
    return picked


def _thinned(rows: list[list[Solution]], most: int) -> list[list[Solution]]:
    """Return rows that are evenly spread over the logarithm of time, first and last kept."""
    if len(rows) <= most:
        return rows
    times = np.log([sum(s.time_ns for s in row) for row in rows])
    wanted = np.linspace(times[0], times[-1], most)
    kept = sorted({int(np.abs(times - t).argmin()) for t in wanted} | {0, len(rows) - 1})
    return [rows[k] for k in kept]


def _joined(row: list[Solution]) -> Plan:
    return Plan(
        np.concatenate([s.plan.level for s in row]),
        np.concatenate([s.plan.rail_uv for s in row]),
    )
