"""The bound: energy below which no governor can serve what a run has served."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from dfsrt.base.errors import InputError
from dfsrt.device.idle import IdleState
from dfsrt.governor.bound import (
    Tasks,
    bound_j,
    group_prices_w,
    is_even,
    longest_gaps,
    program_prices_w,
    tasks_of,
)
from dfsrt.governor.idle.rule import NONE
from dfsrt.power.at_memory import table_at
from dfsrt.power.components import COMPONENTS, IN_NPU
from dfsrt.power.table import LayerTable
from dfsrt.report.bound.demand import Demand, demand_of
from dfsrt.report.bound.rest import idle_w
from dfsrt.report.bound.work import Work
from dfsrt.report.schema import EnergyBound
from dfsrt.run.ended import no_requests
from dfsrt.run.job import Job
from dfsrt.run.run import Run

QUICK_TIMES, MOST_TIMES = 500, 2_000
"""Releases and deadlines told apart of windows that overlap, unasked and asked."""
EASY_REQUESTS = 5_000
"""Requests up to which a comparison bounds them unasked."""
BELOW = 1 - 1e-9
"""What sums of floating point may be off by."""
TIME_S = 10.0
"""For one program."""


def energy_bounds(runs: Sequence[Run], asked: bool = False) -> list[EnergyBound | None]:
    """Return the bound of each run of one job, ``asked`` for or not; None where ``why_none``.

    Asked for it is as high as can be: more times are told apart, and the program is solved. The
    jobs may differ in what puts the idle NPU to sleep. Runs that served the same requests in the
    same time, with the same states to sleep in, share theirs.
    """
    if why_none(runs, asked) is not None:
        return [None] * len(runs)
    table, known = _table(runs), dict[tuple[bytes, bool], tuple[_Least, _Least]]()
    npu, every = Work(table, IN_NPU), Work(table, len(COMPONENTS))
    bounds: list[EnergyBound | None] = []
    for run in runs:
        demand = demand_of(run.job, run.requests or no_requests(), run.book.span_ns)
        key = demand.key, bool(idle_states(run.job))
        if key not in known:
            known[key] = (
                _least(run.job, demand, npu, asked),
                _least(run.job, demand, every, asked),
            )
        bounds.append(_bound(run, demand, *known[key], asked))
    return bounds


def _table(runs: Sequence[Run]) -> LayerTable:
    """The table of the runs' job: of the memory point where all of them stood, or of all points."""
    table, levels = runs[0].job.table, runs[0].job.table.levels
    spent = sum(run.book.time_ns.sum(axis=0) + run.book.idle_level_ns for run in runs)
    stood = np.unique(levels.memory[np.flatnonzero(spent)]).tolist()
    return table_at(table, stood[0]) if len(stood) == 1 else table


class _Least(NamedTuple):
    """The least energy of one domain, and how it came about."""

    energy_j: float
    rounded: bool
    exact: bool


def check_bound(job: Job) -> None:
    """Check that runs of a job can be bounded.

    Raises:
        InputError: a scenario, a closed loop, or requests that are not held.
    """
    why = _why_never(job)
    if why is not None:
        raise InputError(f"no energy bound for this load: {why}; leave out --bound")


def _why_never(job: Job) -> str | None:
    if job.setting is not None:
        return "heat changes what a scenario's device takes"
    if job.lanes is not None:
        return "cores in parallel serve several at once"
    if job.load.closed:
        return "its requests come when a governor lets them"
    if job.load.tokens.any():
        return "a language model's cache grows as it writes"
    if job.load.endless or job.spec.detail == "summary":
        return "its requests are not held one by one"
    return None


def why_none(runs: Sequence[Run], asked: bool) -> str | None:
    """Return why runs have no bound, or None where they have one; ``asked`` for by a user."""
    job = runs[0].job
    why = _why_never(job)
    if why is not None:
        return why
    if any(run.requests is None for run in runs):
        return "its requests are not held one by one"
    if not asked and job.load.requests > EASY_REQUESTS:
        return f"it has more than {EASY_REQUESTS:,} requests; --bound works it out"
    return None


def _least(job: Job, demand: Demand, work: Work, asked: bool) -> _Least:
    tasks = _tasks(demand, work, MOST_TIMES if asked else QUICK_TIMES)
    longest_ns = longest_gaps(tasks.first, tasks.last, tasks.times)
    at_end = np.arange(len(longest_ns)) >= tasks.first.max(initial=0)
    rest_w = idle_w(work.table, work.inside, idle_states(job), longest_ns, at_end)
    even = is_even(rest_w)
    prices = [np.zeros(len(rest_w)), group_prices_w(tasks, rest_w)]
    solved = program_prices_w(tasks, rest_w, TIME_S) if asked and not even else None
    if solved is not None:
        prices.append(solved)
    energy_j = max(bound_j(tasks, rest_w, price_w) for price_w in prices)
    return _Least(energy_j * BELOW, tasks.rounded, even or solved is not None)


def _tasks(demand: Demand, work: Work, most: int) -> Tasks:
    used, kind = np.unique(demand.program, return_inverse=True)
    kinds = [work.of_program(demand.programs[number]) for number in used.tolist()]
    windows = demand.release_ns, demand.due_ns, demand.span_ns
    return tasks_of([k for k in kinds if k is not None], kind, *windows, most)


def idle_states(job: Job) -> Sequence[IdleState]:
    """Return the states that runs of ``job`` may enter, none where nobody chooses any."""
    return () if job.idle.kind == NONE else job.table.npu.idle


def _bound(run: Run, demand: Demand, npu: _Least, total: _Least, asked: bool) -> EnergyBound:
    component_j = run.book.component_j
    own_j, all_j = float(component_j[:IN_NPU].sum()), float(component_j.sum())
    return EnergyBound(
        npu_j=npu.energy_j,
        total_j=total.energy_j,
        npu_above=own_j / npu.energy_j - 1.0 if npu.energy_j > 0 else None,
        total_above=all_j / total.energy_j - 1.0 if total.energy_j > 0 else None,
        requests=len(demand.program),
        late=demand.late,
        left_out=demand.left_out,
        rounded=npu.rounded,
        tight=npu.exact and total.exact and not npu.rounded,
        thorough=asked,
    )
