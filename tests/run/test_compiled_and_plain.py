"""Machine code against plain Python, to the last bit, and counts against rows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dfsrt.governor import make_governor
from dfsrt.governor.dfs import Dfs
from dfsrt.run import CapStep, Corrector, PowerCap, constant_cap
from dfsrt.run.book import Book, book_of
from dfsrt.run.kept import OneRequest
from dfsrt.run.memory_policy import MemoryPolicy
from tests.helpers.naive import naive_run
from tests.helpers.serve import frames_of, run_frames
from tests.helpers.strategies import caps_w, plans, tables
from tests.helpers.tiny import Fixed, tiny_npu, tiny_table
from tests.helpers.tiny_memory import ByPoint, Counted, Mapped
from tests.run.test_against_naive_oracle import allowed, assert_same, flowing, naive_device
from tests.run.test_memory_clock import scenes

EXACT = (
    "times", "frame", "layer", "start_ns", "end_ns", "stall_ns", "level", "freq_hz", "rail_uv",
    "cap_w", "predicted_w", "held_by", "cap_unreachable", "moves", "transitions", "until_ns",
)  # fmt: skip
REQUESTS = ("number", "arrival_ns", "admit_ns", "finish_ns", "status")
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
    """Options of ``run_frames``: back to back, periodic, or at times."""
    kind = draw(st.sampled_from(["back to back", "periodic", "listed"]))
    if kind == "back to back":
        return {}
    if kind == "periodic":
        return {"period_ns": draw(st.sampled_from([1, 300_000, 2_000_000]))}
    gaps = draw(st.lists(st.integers(0, 900_000), min_size=frames, max_size=frames))
    return {"times_ns": np.cumsum(gaps)}


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
    for name in EXACT:
        np.testing.assert_array_equal(getattr(fast, name), getattr(slow, name), err_msg=name)
    for name in REQUESTS:
        one, two = getattr(fast.requests, name), getattr(slow.requests, name)
        np.testing.assert_array_equal(one, two, err_msg=name)
    assert fast.energy_j == pytest.approx(slow.energy_j, rel=1e-12, abs=1e-24)


def run(workload, **options):
    table, governor, cap, frames, arrival = workload
    return run_frames(table, governor, cap, frames, **arrival, **options)


def booked(workload, **options):
    """Return the book of a streamed run, and the rows of its last frame."""
    table, governor, cap, frames, arrival = workload
    book, last = Book(table, cap), OneRequest(frames - 1)
    options = {"rows_from": frames - 1, **options}
    frames_of(table, governor, cap, frames, **arrival, **options).stream([book, last])
    return book, last.log


@settings(max_examples=150)
@given(workloads())
def test_machine_code_runs_any_workload_as_plain_python_does(workload):
    assert_logs_equal(run(workload, compiled=True), run(workload))


def assert_books_equal(book, expected):
    for name in ("span_ns", "stall_ns", "moves", "layer_runs", "layers_over", "unreachable",
                 "frames", "idle_ns"):  # fmt: skip
        assert getattr(book, name) == getattr(expected, name), name
    for name in ("runs", "time_ns", "held_ns", "transitions"):
        assert np.array_equal(getattr(book, name), getattr(expected, name)), name
    for name in ("energy_j", "idle_j"):
        one, two = getattr(book, name), getattr(expected, name)
        assert one == pytest.approx(two, rel=1e-12, abs=1e-22), name
    assert book.power_max_w == pytest.approx(expected.power_max_w, rel=1e-12)
    if expected.prediction_error is None:
        assert book.prediction_error is None
    else:
        one, two = book.prediction_error, expected.prediction_error
        assert one == pytest.approx(two, rel=1e-9, abs=1e-12)
    for one, two in (
        (book.layer_excess, expected.layer_excess),
        (book.window_excess, expected.window_excess),
    ):
        assert one.time_s == pytest.approx(two.time_s, rel=1e-6, abs=1e-9)
        assert one.max_w == pytest.approx(two.max_w, rel=1e-9, abs=1e-12)
    one, two = book.requests.whole.latency, expected.requests.whole.latency
    if len(two):
        assert one.percentiles_s(0, 50, 99, 100) == two.percentiles_s(0, 50, 99, 100)
    assert one.histogram() == two.histogram()


def test_runs_counted_before_a_long_idle_time_are_judged_by_their_own_cap():
    """The cap rises while the NPU is idle, after a telemetry sample in the same idle time."""
    table = tiny_table(tiny_npu([(25_000_000, 500_000)]), [1, 5], [1, 1], [0.0, 1.0])
    cap = PowerCap((CapStep(0, 1.0), CapStep(300_001, 100.0)))
    governor = make_governor("simple_ondemand:period=300us")
    workload = (table, governor, cap, 3, {"period_ns": 2_000_000})
    book, _ = booked(workload, compiled=True, every_row=False)
    whole = book_of(run(workload))
    assert book.layers_over == whole.layers_over > 0


@settings(max_examples=150)
@given(workloads(), st.sampled_from([1, 7, 10**6]), st.booleans())
def test_counted_runs_add_up_to_what_the_rows_say(workload, chunk, compiled):
    frames = workload[3]
    book, last = booked(workload, compiled=compiled, every_row=False, chunk=chunk)
    whole = run(workload)
    assert_books_equal(book, book_of(whole))
    rows = np.flatnonzero((whole.frame == frames - 1) & whole.ran)
    assert np.array_equal(last.start_ns, whole.start_ns[rows])
    assert np.array_equal(last.level, whole.level[rows])


@given(workloads(), st.sampled_from([1, 5]))
def test_a_stream_adds_up_to_what_is_returned_whole(workload, chunk):
    book, _ = booked(workload, chunk=chunk)
    assert_books_equal(book, book_of(run(workload)))


@settings(max_examples=150)
@given(st.data())
def test_machine_code_runs_any_plan_as_the_plain_loop_says(data):
    table = data.draw(tables())
    device = naive_device(table)
    levels, rail = data.draw(plans(table))
    rail = [max(uv, device.needs[0]) for uv in rail]
    frames = data.draw(st.integers(1, 4))
    log = run_frames(
        table, Fixed(levels, rail, sees_cap=False), constant_cap(1.0), frames, compiled=True
    )
    plan = (allowed(levels, rail, device.needs), rail)
    switched, moved = table.plant.switched_farad.tolist(), table.load.dram_bytes.tolist()
    expected = naive_run(
        device, table.duration_ns.tolist(), switched, moved, flowing(table), [plan], [0], frames
    )
    assert_same(log, expected)


@settings(max_examples=30)
@given(tables(), st.integers(1, 5), st.booleans())
def test_a_corrector_learns_the_same_in_either(table, frames, every_row):
    assume(table.typical_w > 0)
    wrong = replace(table, predicted_w=table.predicted_w / 1.4)
    logs = [
        run_frames(
            wrong, Dfs(), constant_cap(0.5), frames, every_row=every_row, compiled=compiled,
            corrector=Corrector(wrong.typical_w),
        )
        for compiled in (False, True)
    ]  # fmt: skip
    assert_logs_equal(logs[1], logs[0])
    assert logs[0].correction == logs[1].correction


def test_full_buffers_lose_nothing(monkeypatch):
    from dfsrt.run import execution, live_requests, tables

    table = tiny_table(tiny_npu(), [4_000, 9_000], [10, 20], [2.0, 9.0])
    workload = (table, make_governor("dvfs"), constant_cap(0.2), 40, {"period_ns": 50_000})
    expected = run(workload)
    for room, name, value in (
        (tables, "ROWS", 3), (tables, "MOVES", 2), (live_requests, "ENDED", 3),
        (live_requests, "FIRST_SLOTS", 1), (execution, "RUNS", 4),
    ):  # fmt: skip
        monkeypatch.setattr(room, name, value)
        assert_logs_equal(run(workload, compiled=True), expected)


@settings(max_examples=60)
@given(scenes(), st.data())
def test_machine_code_changes_the_memorys_clock_as_plain_python_does(scene, data):
    table, core, frames, period = scene
    points = st.integers(0, len(core) - 1)
    wish = data.draw(st.lists(points, min_size=len(core[0]), max_size=len(core[0])))
    setter = data.draw(
        st.sampled_from([None, Counted(3_000, 500), Counted(20_000, 3_000), Mapped([1, 0])])
    )
    runs = [
        frames_of(
            table, ByPoint(core, wish), constant_cap(9.0), frames, period, compiled=compiled,
            memory=MemoryPolicy(setter),
        )
        for compiled in (True, False)
    ]  # fmt: skip
    assert_logs_equal(*(one.run() for one in runs))
    fast, slow = (one.machine for one in runs)
    for name in ("memory", "memory_to", "memory_ns", "memory_changes", "memory_unseen"):
        assert getattr(fast, name) == getattr(slow, name), name
