"""The compiled kernel against the SimPy path, to the last bit, and counts against rows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dfsrt.governor import make_governor
from dfsrt.governor.dfs import Dfs
from dfsrt.report.totals import Totals, totals_of
from dfsrt.run import (
    Arrivals,
    CapStep,
    Corrector,
    KernelRuntime,
    PowerCap,
    Runtime,
    constant_cap,
)
from dfsrt.run.kept import LastFrame
from tests.helpers.naive import naive_run
from tests.helpers.strategies import caps_w, plans, tables
from tests.helpers.tiny import Fixed, tiny_npu, tiny_table
from tests.run.test_against_naive_oracle import allowed, assert_same, naive_device

EXACT = (
    "times", "frame", "layer", "start_ns", "end_ns", "stall_ns", "level", "freq_hz", "rail_uv",
    "cap_w", "predicted_w", "held_by", "cap_unreachable", "arrival_ns", "admit_ns", "finish_ns",
    "transitions", "until_ns",
)  # fmt: skip
GOVERNORS = (
    "performance", "app-dvfs", "dfs", "dvfs", "schedutil:period=1ms",
    "simple_ondemand:period=300us", "pid:period=500us",
)  # fmt: skip


@st.composite
def caps(draw):
    times = sorted(draw(st.sets(st.integers(1, 3_000_000), max_size=4)))
    limits = [draw(caps_w) for _ in range(len(times) + 1)]
    window = draw(st.sampled_from([0, 0, 0, 50_000, 2_000_000]))
    steps = tuple(CapStep(t, w) for t, w in zip([0, *times], limits, strict=True))
    return PowerCap(steps, window_ns=window)


@st.composite
def arrivals(draw, frames):
    kind = draw(st.sampled_from(["back to back", "periodic", "listed"]))
    if kind == "back to back":
        return Arrivals()
    if kind == "periodic":
        return Arrivals(draw(st.sampled_from([1, 300_000, 2_000_000])))
    gaps = draw(st.lists(st.integers(0, 900_000), min_size=frames, max_size=frames))
    return Arrivals(times_ns=np.cumsum(gaps))


@st.composite
def workloads(draw):
    """A table, a governor, a cap with changes, frames and their arrivals."""
    table = draw(tables())
    if draw(st.booleans()):
        levels, rail = draw(plans(table))
        governor = Fixed(levels, rail)
    else:
        governor = make_governor(draw(st.sampled_from(GOVERNORS)))
    frames = draw(st.integers(1, 6))
    return table, governor, draw(caps()), frames, draw(arrivals(frames))


def assert_logs_equal(fast, slow):
    assert fast.moves == slow.moves
    for name in EXACT:
        np.testing.assert_array_equal(getattr(fast, name), getattr(slow, name), err_msg=name)
    assert fast.energy_j == pytest.approx(slow.energy_j, rel=1e-12, abs=1e-24)


@settings(max_examples=500)
@given(workloads())
def test_the_kernel_runs_any_workload_as_the_simpy_path_does(workload):
    assert_logs_equal(KernelRuntime(*workload).run(), Runtime(*workload).run())


def streamed(runtime, table, cap, frames, chunk):
    totals, last = Totals(table, cap), LastFrame(frames - 1)
    runtime.stream(totals, last, chunk=chunk)
    return totals, last.log


def assert_totals_equal(found, expected):
    for name in ("span_ns", "stall_ns", "moves", "runs", "layers_over", "unreachable", "frames"):
        assert getattr(found, name) == getattr(expected, name), name
    for name in ("level_ns", "held_ns", "transitions"):
        assert np.array_equal(getattr(found, name), getattr(expected, name)), name
    assert found.energy_j == pytest.approx(expected.energy_j, rel=1e-12, abs=1e-22)
    assert found.power_max_w == pytest.approx(expected.power_max_w, rel=1e-12)
    assert found.prediction_error == pytest.approx(expected.prediction_error, rel=1e-9, abs=1e-12)
    for one, two in (
        (found.layer_excess, expected.layer_excess),
        (found.window_excess, expected.window_excess),
    ):
        assert one.time_s == pytest.approx(two.time_s, rel=1e-6, abs=1e-9)
        assert one.max_w == pytest.approx(two.max_w, rel=1e-9, abs=1e-12)
    assert found.latencies.percentiles_s(0, 50, 99, 100) == expected.latencies.percentiles_s(
        0, 50, 99, 100
    )
    assert found.latencies.histogram() == expected.latencies.histogram()


def test_runs_counted_before_a_long_idle_time_are_judged_by_their_own_cap():
    """The cap rises while the NPU is idle, after a telemetry sample in the same idle time."""
    table = tiny_table(tiny_npu([(25_000_000, 500_000)]), [1, 5], [1, 1], [0.0, 1.0])
    cap = PowerCap((CapStep(0, 1.0), CapStep(300_001, 100.0)))
    workload = (table, make_governor("simple_ondemand:period=300us"), cap, 3, Arrivals(2_000_000))
    counting = KernelRuntime(*workload)
    counting.every_row = False
    totals, _ = streamed(counting, table, cap, 3, 10**6)
    whole = totals_of(Runtime(*workload).run())
    assert totals.layers_over == whole.layers_over > 0


@settings(max_examples=300)
@given(workloads(), st.sampled_from([1, 7, 10**6]))
def test_counted_runs_add_up_to_what_the_rows_say(workload, chunk):
    table, _, cap, frames, _ = workload
    counting = KernelRuntime(*workload)
    counting.every_row = False
    totals, last = streamed(counting, table, cap, frames, chunk)
    whole = Runtime(*workload).run()
    assert_totals_equal(totals, totals_of(whole))
    rows = np.flatnonzero(whole.frame == frames - 1)
    assert np.array_equal(last.start_ns, whole.start_ns[rows])
    assert np.array_equal(last.level, whole.level[rows])


@given(workloads(), st.sampled_from([1, 5]))
def test_the_simpy_path_streams_what_it_returns_whole(workload, chunk):
    table, _, cap, frames, _ = workload
    totals, _ = streamed(Runtime(*workload), table, cap, frames, chunk)
    assert_totals_equal(totals, totals_of(Runtime(*workload).run()))


@given(st.data())
def test_the_kernel_runs_any_plan_as_the_plain_loop_says(data):
    table = data.draw(tables())
    device = naive_device(table)
    levels, rail = data.draw(plans(table))
    rail = [max(uv, device.needs[0]) for uv in rail]
    frames = data.draw(st.integers(1, 4))
    log = KernelRuntime(table, Fixed(levels, rail), constant_cap(1.0), frames).run()
    plan = (allowed(levels, rail, device.needs), rail)
    switched, moved = table.plant.switched_farad.tolist(), table.load.dram_bytes.tolist()
    expected = naive_run(device, table.duration_ns.tolist(), switched, moved, [plan], [0], frames)
    assert_same(log, expected)


@settings(max_examples=30)
@given(tables(), st.integers(1, 5), st.booleans())
def test_a_corrector_learns_the_same_in_either(table, frames, counting):
    assume(table.typical_w > 0)
    wrong = replace(table, predicted_w=table.predicted_w / 1.4)
    logs = []
    for engine in (Runtime, KernelRuntime):
        corrector = Corrector(wrong.typical_w)
        runtime = engine(wrong, Dfs(), constant_cap(0.5), frames, corrector=corrector)
        runtime.every_row = not counting
        logs.append(runtime.run())
    assert_logs_equal(logs[1], logs[0])
    assert logs[0].correction == logs[1].correction


def test_full_buffers_lose_nothing(monkeypatch):
    from dfsrt.run import engine

    table = tiny_table(tiny_npu(), [4_000, 9_000], [10, 20], [2.0, 9.0])
    arguments = (table, make_governor("dvfs"), constant_cap(0.2), 40, Arrivals(50_000))
    for name, value in (("ROWS", 3), ("MOVES", 2), ("REQUESTS", 5), ("RUNS", 4)):
        monkeypatch.setattr(engine, name, value)
        assert_logs_equal(KernelRuntime(*arguments).run(), Runtime(*arguments).run())
