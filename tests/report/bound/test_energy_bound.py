"""The energy bound of runs: a case by hand, and no governor ever below it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfsrt.base.errors import InputError
from dfsrt.device.idle import IdleState
from dfsrt.governor.plan import Plan
from dfsrt.network.pipeline import Pipeline, Stage
from dfsrt.report.api import Job as Open
from dfsrt.report.bound import check_bound, energy_bounds, why_none
from dfsrt.run.deployment import Deployment
from dfsrt.run.job import Job
from dfsrt.run.mix import Mix, Part
from dfsrt.run.run import execute
from dfsrt.run.source import Source
from dfsrt.run.spec import RunSpec
from dfsrt.trace import NO_DEADLINE, Trace, TraceCard
from tests.helpers.task_sets import ideal_npu
from tests.helpers.tiny import TINY_RAIL, tiny_npu, tiny_table

MS = 1_000_000
DOZE = IdleState("doze", 0.004, 100_000, 200_000, 2e-6, 5e-6, 0.3, 500_000)
OFF = IdleState("off", 0.001, 300_000, 900_000, 9e-6, 30e-6)
DEVICES = (
    tiny_npu(rail=replace(TINY_RAIL, efficiency=0.9)),
    replace(tiny_npu(fixed_w=0.01), idle=(DOZE, OFF)),
    ideal_npu(),
)


def trace_of(arrival_ns, workload, deadline_ns, workloads, end_ns):
    columns = [np.array(c, dtype=np.int64) for c in (arrival_ns, workload, deadline_ns)]
    zero = np.zeros(len(arrival_ns), dtype=np.int64)
    card = TraceCard("t", "synthetic", "d", "s", end_ns, ())
    return Trace(card, workloads, *columns, zero, zero)


def job_on(tables, trace, **fields):
    """A job whose networks are tables of layers."""
    names = trace.workloads
    pipelines = tuple(
        Pipeline(name, "one", "", (Stage(name=name, network=name),)) for name in names
    )
    parts = tuple(Part(k, pipelines[k].stages[0], table, 1, ()) for k, table in enumerate(tables))
    spec = RunSpec(load=trace, device=tables[0].npu, step="layer", **fields).with_defaults()
    source = Source("trace", names, trace=trace)
    return Job(spec, "trace", Deployment(source, spec, Mix(pipelines, parts)))


def random_job(rng, npu):
    """A few requests of two networks of few layers, some with deadlines, some too many."""
    tables = []
    for _ in range(2):
        n = int(rng.integers(1, 4))
        cycles = rng.integers(20_000, 900_000, n).tolist()
        moved = (rng.integers(0, 2, n) * rng.integers(1, 4 * MS, n)).tolist()
        tables.append(tiny_table(npu, cycles, moved, rng.uniform(1, 200, n).tolist()))
    n = int(rng.integers(1, 7))
    arrival = np.sort(rng.integers(0, 25 * MS, n))
    deadline = np.where(rng.random(n) < 0.7, rng.integers(2 * MS, 30 * MS, n), NO_DEADLINE)
    trace = trace_of(arrival, rng.integers(0, 2, n), deadline, ("a", "b"), 40 * MS)
    idle = "none" if not npu.idle else str(rng.choice(["none", "timeout=1ms", "oracle"]))
    rules = {
        "discipline": str(rng.choice(["fifo", "edf"])),
        "drop": str(rng.choice(["none", "late"])),
    }
    return job_on(tables, trace, idle=idle, **rules)


class Anything:
    """A governor that runs layers at any clocks, its rail as high as it likes."""

    name = "anything"
    sees_cap = False

    def __init__(self, seed):
        self.seed = seed

    def plan(self, view):
        rng = np.random.default_rng(self.seed)
        level = rng.integers(0, view.top + 1, view.n_layers)
        needs = np.maximum(level, rng.integers(0, view.top + 1, view.n_layers))
        return Plan(level, view.rails_uv[needs])


NAMED = ("dfs", "powersave", "performance", "dvfs", "edf-cc", "pace")


def governors(rng, job):
    """One that runs by the book, and one that does anything."""
    waits = job.spec.discipline == "edf"
    return str(rng.choice(NAMED if waits else NAMED[:4])), Anything(int(rng.integers(1000)))


def traces(count, seed):
    rng = np.random.default_rng(seed)
    for k in range(count):
        job = random_job(rng, DEVICES[k % len(DEVICES)])
        yield job, [execute(job, governor) for governor in governors(rng, job)]


def test_no_governor_is_below_the_bound_on_500_random_traces():
    served = nearest = 0
    for job, runs in traces(60, seed=20):
        for run, bound in zip(runs, energy_bounds(runs), strict=True):
            assert bound is not None, why_none(runs, asked=False)
            assert bound.npu_above is not None and bound.npu_above >= 0.0, (job.spec, bound)
            assert bound.total_above is not None and bound.total_above >= 0.0, (job.spec, bound)
            served += bound.requests
            nearest += bound.npu_above < 0.02
    assert served > 250
    assert nearest > 5  # and it is no idle bound
