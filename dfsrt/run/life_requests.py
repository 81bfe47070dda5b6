"""The requests of a scenario: as many as can come before it ends."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from dfsrt.base.arrays import Ints
from dfsrt.base.errors import InputError
from dfsrt.run.program import Step
from dfsrt.run.requests import NO_DEADLINE, Requests
from dfsrt.trace.transform import repeated

if TYPE_CHECKING:
    from dfsrt.run.life_job import BatteryJob

MOST = 5_000_000
"""Requests of one scenario at most; they take about 1 GB."""


def load_requests(job: BatteryJob) -> Requests:
    """Return all requests that can come before the job's horizon.

    Raises:
        InputError: more than can be kept.
    """
    load, stop = job.scenario.load, job.scenario.stop
    if job.trace is not None:
        duration_ns = max(job.trace.card.duration_ns, 1)
        copies = _within(math.ceil(job.horizon_ns / duration_ns), len(job.trace))
        trace = repeated(job.trace, copies)
        return Requests(
            trace.arrival_ns, trace.workload, trace.deadline_ns, trace.priority, trace.session
        )
    period_ns = load.every_ns or _shortest_ns(job)
    count = _within(min(math.ceil(job.horizon_ns / period_ns) + 1, stop.requests), 1)
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


def _shortest_ns(job: BatteryJob) -> int:
    """The least mean time from request to request, back to back: every layer at its fastest."""
    plot, fastest = job.mix.plots[0], job.mix.table.duration_ns.min(axis=1)
    key, between = (_time_ns(steps, fastest) for steps in (plot.key, plot.between))
    return max(1, int((key + (plot.every - 1) * between) // plot.every))


def _time_ns(steps: tuple[Step, ...], fastest: Ints) -> int:
    return int(sum(s.host_ns or int(fastest[s.first : s.stop].sum()) for s in steps))
