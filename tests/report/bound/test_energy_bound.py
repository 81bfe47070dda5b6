"""The energy bound of runs: a case by hand, and no governor ever below it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dfsrt.base.errors import InputError
from dfsrt.device.idle import IdleState
from dfsrt.governor.plan import Plan
from dfsrt.network.pipeline import Pipeline, Stage
from dfsrt.power.components import COMPONENTS, IN_NPU
from dfsrt.report.bound import check_bound, energy_bounds, why_none
from dfsrt.report.bound.rest import idle_w
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
    """Jobs and a run of each; all devices and governors take their turns."""
    rng = np.random.default_rng(seed)
    for k in range(count):
        job = random_job(rng, DEVICES[k % len(DEVICES)])
        yield job, execute(job, governors(rng, job)[k % 2])


@pytest.mark.slow
def test_no_governor_is_below_the_bound_on_500_random_traces():
    served = near = 0
    for job, run in traces(500, seed=20):
        (bound,) = energy_bounds([run])
        assert bound.npu_above >= 0.0, (job.spec, bound)
        assert bound.total_above >= 0.0, (job.spec, bound)
        served += bound.requests
        near += bound.npu_above < 0.02
    assert served > 1_200
    assert near > 50  # and it is no idle bound


def golden_job(**fields):
    """Three requests of 1, 1.5 and 2 units of work, a unit 1 ms at 1 GHz; the first YDS golden."""
    tables = [tiny_table(ideal_npu(), [c], [0], [c]) for c in (1_000_000, 1_500_000, 2_000_000)]
    arrival, due = [0, MS, 2 * MS], [4 * MS, 2 * MS, 6 * MS]
    return job_on(tables, trace_of(arrival, [0, 1, 2], due, ("a", "b", "c"), 8 * MS), **fields)


def test_three_requests_by_hand():
    # 1.5 units in [1, 3] at 0.75 GHz take 16 J each; 3 units in the other 6 ms at 0.5 GHz 9 J.
    run = execute(golden_job(), "performance")
    (bound,) = energy_bounds([run])
    assert bound.npu_j == pytest.approx(1.5 * 16 + 3 * 9, rel=1e-8)
    assert bound.total_j == pytest.approx(bound.npu_j)
    assert bound.npu_above == pytest.approx(4.5 * 25 / 51 - 1, rel=1e-7)
    assert (bound.requests, bound.late, bound.left_out) == (3, 0, 0)
    assert (bound.rounded, bound.tight) == (False, True)


def test_who_is_late_may_be_late_in_the_bound_too():
    # At 0.5 GHz one after the other until 2, 5 and 9 ms: that is the least, if it is allowed.
    run = execute(golden_job(), "powersave")
    (bound,) = energy_bounds([run])
    assert bound.npu_j == pytest.approx(4.5 * 9, rel=1e-8)
    assert bound.npu_above == pytest.approx(0.0, abs=1e-8)
    assert bound.late == 2


def test_who_drops_need_not_serve_in_the_bound_either():
    run = execute(golden_job(drop="newest=1", discipline="edf"), "powersave")
    (bound,) = energy_bounds([run])
    assert bound.left_out == run.book.requests.whole.dropped == 3 - bound.requests
    assert bound.npu_above >= 0


def test_waiting_takes_the_lowest_voltage_or_sleep_by_hand():
    npu = replace(tiny_npu(fixed_w=0.01), idle=(OFF,))
    table = tiny_table(npu, [100_000], [0], [1.0])
    # Up at 0.5 V: 50 mW x 0.25 of leakage and 10 mW, over 80 %; all domains 10 mW of uncore more.
    up_w = (0.05 * 0.25 + 0.01) / 0.8
    longest, end = np.array([10 * MS, 500_000, 10 * MS]), np.array([False, False, True])
    assert idle_w(table, IN_NPU, (), longest, end) == pytest.approx([up_w] * 3)
    assert idle_w(table, len(COMPONENTS), (), longest, end) == pytest.approx([up_w + 0.01] * 3)
    # Off: 1 mW over 80 %, and 39 uJ of 1.2 ms, less what those draw anyway, over 10 ms.
    off_w = 0.001 / 0.8
    moving_w = (39e-6 - off_w * 1.2e-3) / 10e-3
    asleep = idle_w(table, IN_NPU, npu.idle, longest, end)
    assert asleep == pytest.approx([off_w + moving_w, up_w, off_w])


def test_no_pause_takes_less_than_the_bound_of_waiting():
    npu = replace(tiny_npu(fixed_w=0.01), idle=(DOZE, OFF))
    table = tiny_table(npu, [100_000], [0], [1.0])
    for gap_ns in (MS // 2, MS, 2 * MS, 5 * MS, 50 * MS):
        bound_w = idle_w(table, IN_NPU, npu.idle, np.array([gap_ns]), np.array([False]))[0]
        for state, volts in ((DOZE, 0.5), (OFF, 0.0)):
            rest_ns = gap_ns - state.entry_ns - state.exit_ns
            if rest_ns >= 0:
                watts = (state.power_w + state.leakage_share * 0.05 * volts**2) / 0.8
                joules = state.entry_j + state.exit_j + watts * rest_ns * 1e-9
                assert bound_w * gap_ns * 1e-9 <= joules * (1 + 1e-12)


def test_time_on_the_host_shortens_a_window():
    stages = (
        Stage(name="before", host_ns=MS),
        Stage(name="net", network="a"),
        Stage(name="after", host_ns=2 * MS),
    )
    table = tiny_table(ideal_npu(), [1_000_000], [0], [1_000_000])
    parts = (
        Part(0, stages[0], None, 0, ()), Part(0, stages[1], table, 1, ()),
        Part(0, stages[2], None, 0, ()),
    )  # fmt: skip
    trace = trace_of([0], [0], [4 * MS], ("p",), 10 * MS)
    spec = RunSpec(load=trace, device=table.npu, step="layer").with_defaults()
    mix = Mix((Pipeline("p", "one", "", stages),), parts)
    job = Job(spec, "trace", Deployment(Source("trace", ("p",), trace=trace), spec, mix))
    (bound,) = energy_bounds([execute(job, "performance")])
    assert bound.npu_j == pytest.approx(25.0, rel=1e-8)  # 1 ms is left for 1 unit


def test_what_has_no_bound_says_why():
    with pytest.raises(InputError, match="no energy bound for this load: its requests come when"):
        check_bound(golden_job(loop="closed"))
    closed = [execute(golden_job(loop="closed"), "powersave")]
    assert energy_bounds(closed) == [None]
    assert why_none(closed, asked=False) == "its requests come when a governor lets them"
    summary = golden_job(detail="summary")
    assert energy_bounds([execute(summary, "powersave")]) == [None]
