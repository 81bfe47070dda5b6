"""Laps that repeat: multiplied as if they had been walked, to the last bit."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dfsrt
from dfsrt.governor import make_governor
from dfsrt.run import CapStep, PowerCap, constant_cap, execute, make_job
from dfsrt.run.alike import count_alike
from dfsrt.run.book import Book
from dfsrt.run.detail import Detail
from dfsrt.run.execution import Execution
from dfsrt.run.live_requests import LiveRequests
from dfsrt.run.program import Plot, Step, plain
from dfsrt.run.rules import Drop, Rules
from dfsrt.run.stream import NEVER_NS, steady
from tests.helpers.serve import load_of
from tests.helpers.tiny import Fixed, tiny_npu, tiny_table
from tests.run.test_compiled_and_plain import GOVERNORS
from tests.run.test_queue import OF_NETWORKS, caps, loads, scenes

SMALL = tiny_table(tiny_npu(), [4_000, 1_000], [1_000, 2_000], [2.0, 0.5])
SUMS = (
    "span_ns", "stall_ns", "moves", "preemptions", "layers_over", "unreachable", "power_max_w",
    "layer_excess", "prediction_error", "bound_error", "busy_ns", "idle_ns", "last_level",
)  # fmt: skip
COLUMNS = ("runs", "time_ns", "energy_j", "idle_level_ns", "idle_j", "held_ns", "transitions")
OUTCOMES = ("total", "completed", "dropped", "pending", "met", "missed", "undecided", "without")


def booked(
    table, governor, cap, load, plots, rules, *, multiplies, compiled=False, plain_runs=0, **options
):
    """Return the book of a load, how many laps were multiplied, and the layer runs walked."""
    least_ns, until_ns = options.pop("least_ns", 0), options.pop("until_ns", NEVER_NS)
    detail = Detail(
        every_row=False, compiled=compiled, multiplies=multiplies, plain_runs=plain_runs
    )
    requests = LiveRequests(load, plots, rules, compiled=detail.begins_compiled, **options)
    run = Execution(table, governor, cap, requests, detail, least_ns=least_ns, until_ns=until_ns)
    seen = []
    keeper = type("Keeper", (), {"add": lambda self, log: seen.extend(log.repeated)})()
    book = Book(table, cap, len(plots))
    run.stream([book, keeper])
    book.close(run.requests.queue.state, run.requests.host_calls, int(run.machine.level))
    return book, sum(again.times for again in seen)


def assert_same_to_the_bit(one, two):
    for name in SUMS:
        assert getattr(one, name) == getattr(two, name), name
    for name in (*COLUMNS, "host_calls"):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name), err_msg=name)
    pairs = zip(
        [one.requests.whole, *one.requests.of_workload],
        [two.requests.whole, *two.requests.of_workload],
        strict=True,
    )
    for a, b in pairs:
        assert [getattr(a, n) for n in OUTCOMES] == [getattr(b, n) for n in OUTCOMES]
        for times in ("latency", "wait"):
            p, q = getattr(a, times), getattr(b, times)
            assert p.histogram() == q.histogram()
            if len(p):
                assert (p.mean_s, p.max_s) == (q.mean_s, q.max_s)


def lone(governor, load, multiplies, cap=None, **options):
    plots, rules = [plain(0, 2)], Rules(closed=load.closed)
    cap = cap or constant_cap(9.0)
    return booked(SMALL, governor, cap, load, plots, rules, multiplies=multiplies, **options)


@pytest.mark.parametrize("compiled", [False, True])
def test_a_thousand_million_frames_are_one_frame_a_thousand_million_times(compiled):
    """By hand: under one clock a frame takes its layers' times, and nothing stalls."""
    frames, governor = 10**9, Fixed([1, 1], [10**6] * 2)
    book, times = lone(governor, steady(frames), True, compiled=compiled)
    frame_ns = int(SMALL.duration_ns[:2, 1].sum())
    assert book.span_ns == frames * frame_ns == book.busy_ns
    assert book.frames == frames
    assert book.runs[:, 1].tolist() == [frames, frames]
    assert book.requests.whole.latency.max_s == frame_ns * 1e-9
    assert frames - 10 < times < frames


def test_periodic_frames_wait_for_their_time_and_the_last_period_belongs_to_the_run():
    frames, period_ns = 10**6, 50_000_000
    load = steady(frames, period_ns)
    book, times = lone(Fixed([1, 1], [10**6] * 2), load, True, least_ns=load.duration_ns)
    assert book.span_ns == frames * period_ns
    assert book.idle_ns == frames * (period_ns - int(SMALL.duration_ns[:2, 1].sum()))
    assert times > frames - 10


@st.composite
def streams(draw):
    """A scene whose load comes over many times."""
    table, plot, load, rule = draw(scenes())
    load = draw(loads(len(plot), rule.closed)) if draw(st.booleans()) else load
    return table, plot, replace(load, copies=draw(st.sampled_from([6, 17, 60]))), rule


@settings(max_examples=200)
@given(
    streams(), caps(), st.sampled_from(GOVERNORS[:4]), st.sampled_from([NEVER_NS, 9_000_000]),
    st.sampled_from([NEVER_NS, 1, 40]), st.booleans(),
)  # fmt: skip
def test_multiplied_laps_equal_walked_ones(scene, cap, governor, until_ns, stop_done, compiled):
    table, plot, load, rule = scene
    cap = replace(cap, window_ns=0)
    walked, multiplied = (
        booked(
            table, make_governor(governor), cap, load, plot, rule, multiplies=multiplies,
            until_ns=until_ns, stop_done=stop_done, compiled=compiled and multiplies,
        )[0]
        for multiplies in (False, True)
    )  # fmt: skip
    assert_same_to_the_bit(multiplied, walked)


@settings(max_examples=120)
@given(
    streams(), caps(), st.sampled_from(GOVERNORS[:4]), st.sampled_from([1, 5, 23, 100]),
    st.booleans(),
)  # fmt: skip
def test_machine_code_goes_on_where_plain_python_has_got_to(
    scene, cap, governor, plain_runs, multiplies
):
    table, plot, load, rule = scene
    cap = replace(cap, window_ns=0)
    whole, taken_over = (
        booked(
            table, make_governor(governor), cap, load, plot, rule, multiplies=multiplies,
            compiled=plain_runs > 0, plain_runs=plain_runs,
        )[0]
        for plain_runs in (0, plain_runs)
    )  # fmt: skip
    assert_same_to_the_bit(taken_over, whole)


@pytest.mark.parametrize("discipline", OF_NETWORKS)
@pytest.mark.parametrize("closed", [False, True])
def test_sessions_host_work_and_preemption_repeat_too(discipline, closed):
    """Two workloads, one of them a pipeline with a key frame every third time.

    In an open loop there are two sessions of them.
    """
    steps = (Step(0, 2), Step(host_ns=700_000))
    plots = [Plot(steps, steps, (Step(0, 1),), 3, in_order=True), plain(0, 2)]
    load = load_of(
        [0, 100_000, 200_000], workload=[0, 1, 0], priority=[0, 1, 0],
        session=[0, 0 if closed else 1, 0],
        copies=5_000, span_ns=90_000_000, closed=closed,
    )  # fmt: skip
    rules = Rules(discipline, closed=closed)
    walked, multiplied = (
        booked(
            SMALL, make_governor("dvfs"), constant_cap(0.5), load, plots, rules,
            multiplies=multiplies, compiled=not multiplies,
        )
        for multiplies in (False, True)
    )  # fmt: skip
    assert walked[1] == 0
    assert multiplied[1] > 500
    assert_same_to_the_bit(multiplied[0], walked[0])


def test_a_queue_that_only_grows_is_walked():
    ns = int(SMALL.duration_ns[:, -1].sum())
    load = load_of([0], copies=300, span_ns=ns // 2)
    book, times = lone(make_governor("performance"), load, True)
    assert times == 0
    assert book.frames == 300


def test_a_queue_that_drops_repeats():
    ns = int(SMALL.duration_ns[:, -1].sum())
    load = load_of([0, ns // 2], copies=30_000, span_ns=ns)
    rules = Rules(drop=Drop.OLDEST, limit=3)
    walked, multiplied = (
        booked(
            SMALL, make_governor("performance"), constant_cap(9.0), load, [plain(0, 2)], rules,
            multiplies=multiplies, compiled=True,
        )
        for multiplies in (False, True)
    )  # fmt: skip
    assert multiplied[1] > 20_000
    assert_same_to_the_bit(multiplied[0], walked[0])


def test_laps_are_multiplied_from_one_cap_change_to_the_next():
    steps = tuple(CapStep(k * 10**10, 0.3 + 0.2 * (k % 3)) for k in range(7))
    walked, multiplied = (
        lone(make_governor("dfs"), steady(200_000), multiplies, PowerCap(steps), compiled=True)
        for multiplies in (False, True)
    )
    assert_same_to_the_bit(multiplied[0], walked[0])
    assert multiplied[1] > 190_000


@pytest.mark.parametrize("stop", [7, 50, 99_999])
def test_no_more_requests_are_served_than_were_asked_for(stop):
    book, _ = lone(make_governor("dfs"), steady(), True, stop_done=stop)
    assert book.frames == stop


def test_a_summary_of_many_frames_still_shows_the_last_one_layer_by_layer():
    few, many = (
        execute(make_job("squeezenet", frames=n, detail="summary"), "dvfs") for n in (500, 10**8)
    )
    assert many.book.frames == 10**8
    assert set(many.log.frame.tolist()) == {10**8 - 1}
    assert len(many.log.layer) == len(few.log.layer) == len(many.job.table.load.names)


def test_only_sums_of_many_frames_are_kept_unless_rows_are_asked_for():
    run = execute(make_job("squeezenet", frames=10_000))
    assert run.detail == "summary"
    assert run.requests is None
    whole = execute(make_job("squeezenet", frames=10_000, detail="layer"))
    assert len(whole.log.layer) == 10_000 * len(whole.job.table.load.names)
    assert len(whole.requests) == 10_000
    assert whole.book.span_ns == run.book.span_ns
    assert (whole.book.runs == run.book.runs).all()


def test_requests_of_a_trace_are_held_unless_only_sums_are_asked_for():
    held = dfsrt.run("voice-assistant", until="60 s")
    sums = dfsrt.run("voice-assistant", until="60 s", detail="summary")
    assert len(held.run.requests) == held.report.requests.total
    assert sums.run.requests is None
    assert sums.report.latency_s == held.report.latency_s


@settings(max_examples=200)
@given(
    st.lists(
        st.tuples(
            st.integers(-1, 3), st.integers(0, 2), st.sampled_from([0, 5_000]),
            st.sampled_from([0, 1, 10**6, 2**40]), st.sampled_from([600_000, 750_000]),
            st.sampled_from([600_000, 750_000]), st.sampled_from([-5, 0, 1, 2**41]),
        ),
        max_size=60,
    )
)  # fmt: skip
def test_alike_runs_are_counted_as_a_dictionary_would(runs):
    table, entries = [[0] * 8 for _ in range(1024)], 0
    for run in runs:
        entries += count_alike(table, 1, *run)
    counted = {tuple(entry[1:]): entry[0] for entry in table if entry[0]}
    assert counted == Counter(runs)
    assert entries == len(counted)


def test_a_table_of_alike_runs_that_is_full_grows_and_then_becomes_rows(monkeypatch):
    """Arrivals that never repeat, on a rail that never rests: more kinds of runs than places."""
    monkeypatch.setattr("dfsrt.run.tables.ALIKE", 256)
    monkeypatch.setattr("dfsrt.run.tables.FEW_ALIKE", 16)
    arrivals = np.cumsum(np.random.default_rng(3).integers(1, 3_000_000, 2_000))
    low, high = (int(uv) for uv in (SMALL.npu.opps.rails_uv[0], SMALL.npu.opps.rails_uv[-1]))
    governor = Fixed([0, len(SMALL.npu.opps) - 1], [low, high])
    load = load_of(arrivals)
    walked, rows = (
        booked(
            SMALL, governor, constant_cap(9.0), load, [plain(0, 2)], Rules(), multiplies=True,
            compiled=compiled,
        )[0]
        for compiled in (False, True)
    )  # fmt: skip
    requests = LiveRequests(load, [plain(0, 2)], Rules())
    each = Book(SMALL, constant_cap(9.0))
    Execution(SMALL, governor, constant_cap(9.0), requests, Detail()).stream([each])
    assert_same_to_the_bit(walked, rows)
    assert (each.runs == walked.runs).all()
    assert each.span_ns == walked.span_ns
    assert each.energy_j == pytest.approx(walked.energy_j, rel=1e-12)
    assert walked.moves == each.moves > 1_000
