"""The requests of a scenario: as many as can come before it ends."""

from __future__ import annotations

import math

import numpy as np

from dfsrt.base.arrays import Ints
from dfsrt.base.errors import InputError
from dfsrt.run.mix import Mix
from dfsrt.run.program import Step
from dfsrt.run.requests import NO_DEADLINE, Requests
from dfsrt.run.scenario import Load
from dfsrt.trace.trace import Trace
from dfsrt.trace.transform import repeated

MOST = 5_000_000
"""Requests of one scenario at most; they take about 1 GB."""


def load_requests(
    load: Load, most: int, horizon_ns: int, trace: Trace | None, mix: Mix
) -> Requests:
    """Return all requests of a load that can come before ``horizon_ns``, ``most`` of them at most.

    Raises:
        InputError: more than can be kept.
    """
    if trace is not None:
        copies = _within(math.ceil(horizon_ns / max(trace.card.duration_ns, 1)), len(trace))
        trace = repeated(trace, copies)
        return Requests(
            trace.arrival_ns, trace.workload, trace.deadline_ns, trace.priority, trace.session
        )
    period_ns = load.every_ns or _shortest_ns(mix)
    count = _within(min(math.ceil(horizon_ns / period_ns) + 1, most), 1)
    zero = np.zeros(count, dtype=np.int64)
    arrival = zero if load.every_ns is None else np.arange(count) * load.every_ns
    deadline = zero + (NO_DEADLINE if load.deadline_ns is None else load.deadline_ns)
    return Requests(arrival, zero, deadline, zero, zero)


def _within(copies: int, each: int) -> int:
    if copies * each > MOST:
        raise InputError(
            f"{copies * each:,} requests may come before the end, and {MOST:,} can be kept; "
            "let the scenario stop earlier, at 'at = ...' or 'most = ...' of stop, or requests "
            "come less often"
        )
    return copies


def _shortest_ns(mix: Mix) -> int:
    """The least mean time from request to request, back to back: every layer at its fastest."""
    plot, fastest = mix.plots[0], mix.table.duration_ns.min(axis=1)
    key, between = (_time_ns(steps, fastest) for steps in (plot.key, plot.between))
    return max(1, int((key + (plot.every - 1) * between) // plot.every))


def _time_ns(steps: tuple[Step, ...], fastest: Ints) -> int:
    return int(sum(s.host_ns or int(fastest[s.first : s.stop].sum()) for s in steps))
