"""The queue against a naive one and queueing theory, machine code against plain Python."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dfsrt
from dfsrt.base.errors import InputError
from dfsrt.governor import make_governor
from dfsrt.power.joined import join_tables
from dfsrt.run import constant_cap
from dfsrt.run.book import Book, book_of
from dfsrt.run.detail import Detail
from dfsrt.run.execution import Execution
from dfsrt.run.live_requests import LiveRequests
from dfsrt.run.program import Plot, Step, plain
from dfsrt.run.recorder import IDLE
from dfsrt.run.rules import Discipline, Drop, Rules
from dfsrt.run.status import Status
from dfsrt.run.stream import NEVER_NS, NO_DEADLINE
from tests.helpers.naive_queue import NaiveQueue
from tests.helpers.serve import load_of, serve
from tests.helpers.strategies import npus, tables
from tests.helpers.tiny import tiny_npu, tiny_table
from tests.run.test_compiled_and_plain import GOVERNORS, assert_books_equal, assert_logs_equal, caps

OF_NETWORKS = [d for d in Discipline if d is not Discipline.CONTINUOUS]


@st.composite
def plots(draw, sections):
    """For each section a lone network or a pipeline with host work and cached steps."""
    found = []
    for first, stop in sections:
        if draw(st.booleans()):
            found.append(plain(first, stop))
            continue

        def steps(first=first, stop=stop):
            kinds = draw(st.lists(st.sampled_from(["npu", "host"]), min_size=1, max_size=3))
            return tuple(
                Step(first, draw(st.integers(first + 1, stop))) if kind == "npu"
                else Step(host_ns=draw(st.sampled_from([1, 40_000, 400_000])))
                for kind in kinds
            )  # fmt: skip

        every = draw(st.integers(1, 3))
        found.append(Plot(steps(), steps(), steps(), every, in_order=True))
    return found


@st.composite
def loads(draw, workloads, closed):
    n = draw(st.integers(1, 12))

    def column(values):
        return draw(st.lists(values, min_size=n, max_size=n))

    gaps = st.sampled_from([0, 0, 1, 20_000, 150_000, 1_000_000])
    copies = draw(st.sampled_from([1, 1, 2, 3]))
    arrival = np.cumsum(column(gaps))
    return load_of(
        arrival,
        column(st.integers(0, workloads - 1)),
        column(st.sampled_from([NO_DEADLINE, 1, 50_000, 300_000, 2_000_000])),
        column(st.integers(-1, 2)),
        column(st.integers(0, 2)),
        copies=copies,
        span_ns=int(arrival[-1]) + draw(st.sampled_from([0, 90_000])),
        closed=closed,
    )


@st.composite
def rules(draw):
    closed = draw(st.booleans())
    drops = [Drop.NONE, Drop.LATE] if closed else list(Drop)
    drop, limit = draw(st.sampled_from(drops)), draw(st.integers(1, 3))
    return Rules(draw(st.sampled_from(OF_NETWORKS)), drop, limit, closed)


@st.composite
def scenes(draw, npu=None):
    """A joined table, plots, a load, rules."""
    npu = draw(npus()) if npu is None else npu
    parts = draw(st.lists(tables(npu=npu, max_layers=4), min_size=1, max_size=3))
    table = join_tables(parts, "joined")
    found = draw(plots(table.sections))
    rule = draw(rules())
    return table, found, draw(loads(len(found), rule.closed)), rule


untils = st.sampled_from([NEVER_NS, NEVER_NS, 700_000])


@settings(max_examples=200)
@given(scenes(), caps(), st.sampled_from(GOVERNORS), untils, st.data())
def test_machine_code_serves_any_scene_as_plain_python_does(scene, cap, governor, until, data):
    table, plot, load, rule = scene
    least = data.draw(st.sampled_from([0, 5_000_000]))
    slow, fast = (
        serve(
            table, make_governor(governor), cap, load, plot, rule, least_ns=least,
            until_ns=until, compiled=compiled,
        )
        for compiled in (False, True)
    )  # fmt: skip
    assert_logs_equal(fast.log, slow.log)
    assert np.array_equal(fast.host_calls, slow.host_calls)
    for name in ("done", "dropped", "came", "preemptions", "hosting", "host_past_ns"):
        assert getattr(fast.state, name) == getattr(slow.state, name), name


@settings(max_examples=100)
@given(scenes(), caps(), st.sampled_from(GOVERNORS[:4]), st.sampled_from([1, 7, 10**6]))
def test_counted_runs_of_a_queue_add_up_to_what_the_rows_say(scene, cap, governor, chunk):
    table, plot, load, rule = scene
    requests = LiveRequests(load, plot, rule, compiled=True)
    detail, book = Detail(every_row=False, compiled=True, chunk=chunk), Book(table, cap)
    Execution(table, make_governor(governor), cap, requests, detail, least_ns=3_000_000).stream(
        [book]
    )
    whole = serve(table, make_governor(governor), cap, load, plot, rule, least_ns=3_000_000)
    assert_books_equal(book, book_of(whole.log))


ONE_CLOCK = tiny_npu([(100_000_000, 500_000)])


@settings(max_examples=300)
@given(scenes(npu=ONE_CLOCK), untils)
def test_any_scene_is_served_as_the_naive_queue_says(scene, until):
    table, found, load, rule = scene
    queue = serve(
        table, make_governor("performance"), constant_cap(1.0), load, found, rule, until_ns=until
    )
    log = queue.log
    ns = table.duration_ns[:, 0].tolist()

    def work(plot):
        def pieces(served):
            steps = plot.first if served == 0 else (
                plot.key if served % plot.every == 0 else plot.between)  # fmt: skip
            flat = []
            for step in steps:
                flat += [("host", step.host_ns)] if step.host_ns else [
                    ("npu", ns[layer]) for layer in range(step.first, step.stop)]  # fmt: skip
            return flat

        return pieces

    columns = ("arrival_ns", "deadline_ns", "priority", "session", "workload")
    shift = np.repeat(np.arange(load.copies) * load.span_ns, len(load.arrival_ns))
    copied = [np.tile(getattr(load, c), load.copies) for c in columns]
    rows = list(zip((copied[0] + shift).tolist(), *(c.tolist() for c in copied[1:]), strict=True))
    naive = NaiveQueue(
        rows, [work(p) for p in found], [p.in_order for p in found],
        rule.discipline.name.lower(), rule.drop.name.lower(), rule.limit, rule.closed,
    )  # fmt: skip
    naive.run(until)
    ran = log.ran
    found_spells = zip(log.frame[ran], log.start_ns[ran], log.end_ns[ran], strict=True)
    assert [tuple(int(v) for v in s) for s in found_spells] == naive.spells
    for i, request in enumerate(naive.requests):
        assert (queue.status[i] == Status.DONE) == (request.state == "done"), i
        assert (queue.status[i] == Status.DROPPED) == (request.state == "dropped"), i
        if request.state == "done":
            assert (queue.admit_ns[i], queue.finish_ns[i]) == (request.admit, request.finish)


@given(scenes(), caps(), untils)
def test_every_request_is_served_dropped_or_pending_and_counted(scene, cap, until):
    table, found, load, rule = scene
    queue = serve(
        table, make_governor("dfs"), cap, load, found, rule, until_ns=until, compiled=True
    )
    log = queue.log
    done, dropped = (int((queue.status == s).sum()) for s in (Status.DONE, Status.DROPPED))
    assert (done, dropped) == (queue.state.done, queue.state.dropped)
    if until == NEVER_NS:
        assert done + dropped == load.requests
    assert len(log.finish_ns) == done
    assert (np.diff(log.finish_ns) >= 0).all()
    busy = log.ran
    assert (log.begin_ns[1:] == log.end_ns[:-1]).all()  # no gap, no overlap
    assert set(log.frame[busy].tolist()) <= set(
        np.flatnonzero(queue.admit_ns >= 0).tolist()
    )  # work only on requests that began
    assert (log.layer[~busy] == IDLE).all()


@given(scenes(), st.integers(1, 5))
def test_a_stop_at_n_requests_ends_when_the_nth_has_finished(scene, count):
    table, found, load, rule = scene
    queue = serve(
        table, make_governor("dfs"), constant_cap(1.0), load, found, rule, stop_done=count
    )
    whole = serve(table, make_governor("dfs"), constant_cap(1.0), load, found, rule)
    finishes = np.sort(whole.finish_ns[whole.status == Status.DONE])[:count]
    assert queue.state.done == len(finishes)
    if len(finishes) == count:
        assert queue.log.finish_ns.tolist() == finishes.tolist()
        ends = [0, *whole.log.end_ns.tolist()]  # it ends at the boundary at or after that
        assert queue.log.until_ns == min(end for end in ends if end >= finishes[-1])


def two_networks():
    """Networks of 3 and 1 layers, 100 and 50 µs a layer at the only clock."""
    parts = [tiny_table(ONE_CLOCK, [10_000] * n, [1] * n, [0.0] * n) for n in (3, 1)]
    return join_tables(parts, "both")


def replay(load, plots, rule, table=None, until=NEVER_NS):
    table = two_networks() if table is None else table
    queue = serve(table, make_governor("dfs"), constant_cap(5.0), load, plots, rule, until_ns=until)
    return queue, queue.log


LONG, SHORT = plain(0, 3), plain(3, 4)


def layer_ns():
    return int(two_networks().duration_ns[0, 0])


def test_a_higher_priority_takes_the_npu_at_the_next_layer_boundary():
    t = layer_ns()
    requests = load_of([0, t // 2], [0, 1], priority=[0, 1])
    queue, log = replay(requests, [LONG, SHORT], Rules(Discipline.PRIORITY))
    assert log.frame.tolist() == [0, 1, 0, 0]
    assert queue.finish_ns.tolist() == [4 * t, 2 * t]
    assert queue.state.preemptions == 1
    queue, log = replay(requests, [LONG, SHORT], Rules(Discipline.FIFO))
    assert log.frame.tolist() == [0, 0, 0, 1]
    assert queue.state.preemptions == 0


def test_the_earliest_deadline_goes_first_and_equal_ones_by_arrival():
    t = layer_ns()
    requests = load_of([0, 1, 2, 3], [0, 1, 1, 1], [100 * t, 90 * t, 50 * t, 90 * t - 2])
    _, log = replay(requests, [LONG, SHORT], Rules(Discipline.EDF))
    assert log.frame.tolist() == [0, 2, 1, 3, 0, 0]


def test_the_shortest_period_goes_first_and_equal_ones_by_arrival():
    t = layer_ns()
    requests = load_of([0, 1, 20 * t, 29 * t], [0, 1, 1, 0])
    _, log = replay(requests, [LONG, SHORT], Rules(Discipline.RM))
    assert log.frame[log.ran].tolist()[:3] == [0, 1, 0]


def test_what_is_late_when_its_turn_comes_is_dropped():
    t = layer_ns()
    requests = load_of([0, 0, 0], [0, 1, 1], [NO_DEADLINE, 3 * t, 3 * t + 1])
    queue, _ = replay(requests, [LONG, SHORT], Rules(drop=Drop.LATE))
    assert queue.status.tolist() == [Status.DONE, Status.DROPPED, Status.DONE]


def test_a_full_line_drops_the_newest_or_the_oldest():
    requests = load_of([0, 1, 2, 3], [0, 1, 1, 1])
    queue, _ = replay(requests, [LONG, SHORT], Rules(drop=Drop.NEWEST, limit=2))
    assert np.flatnonzero(queue.status == Status.DROPPED).tolist() == [3]
    queue, _ = replay(requests, [LONG, SHORT], Rules(drop=Drop.OLDEST, limit=2))
    assert np.flatnonzero(queue.status == Status.DROPPED).tolist() == [1]


def test_in_a_closed_loop_a_request_comes_when_the_one_before_has_left():
    t = layer_ns()
    queue, _ = replay(load_of([5, 6, 7], [1, 0, 1], closed=True), [LONG, SHORT], Rules(closed=True))
    assert queue.arrival_ns.tolist() == [5, 5 + t, 5 + 4 * t]
    assert queue.finish_ns.tolist() == [5 + t, 5 + 4 * t, 5 + 5 * t]


def test_others_run_while_a_request_is_on_the_host():
    t = layer_ns()
    steps = (Step(0, 1), Step(host_ns=10 * t), Step(1, 2))
    plots = [Plot(steps, steps, steps), SHORT]
    queue, log = replay(load_of([0, 0], [0, 1]), plots, Rules())
    assert queue.finish_ns.tolist() == [12 * t, 2 * t]
    assert log.layer.tolist() == [0, 3, IDLE, 1]


def test_a_session_caches_what_only_its_first_request_does():
    t = layer_ns()
    plot = Plot((Step(3, 4), Step(0, 1)), (Step(0, 1),), (Step(host_ns=7),), 2, in_order=True)
    queue, log = replay(load_of([0] * 4, session=[0, 0, 0, 1]), [plot], Rules())
    assert log.layer[log.ran].tolist() == [3, 0, 3, 0, 0]
    # Session 1 has its turn while session 0 is on the host with its second request.
    assert queue.finish_ns.tolist() == [2 * t, 2 * t + 7, 5 * t, 4 * t]


def test_the_wait_of_poisson_arrivals_is_that_of_an_m_d_1_queue():
    """Mean wait = rho / (2 (1 - rho)) service times; 20 runs give a confidence interval."""
    table = two_networks()
    service = int(table.duration_ns[:3, 0].sum())
    for rho in (0.3, 0.7):
        waits = []
        for seed in range(20):
            gaps = np.random.default_rng(seed).exponential(service / rho, 20_000)
            requests = load_of(np.cumsum(gaps).astype(np.int64))
            queue = serve(
                table, make_governor("dfs"), constant_cap(5.0), requests, [LONG], Rules(),
                compiled=True, every_row=False,
            )  # fmt: skip
            waits.append(float((queue.admit_ns - queue.arrival_ns).mean()) / service)
        expected = rho / (2 * (1 - rho))
        error = np.std(waits, ddof=1) / np.sqrt(len(waits))
        assert abs(np.mean(waits) - expected) < 3 * error  # 99.3 % of the time, by Student's t
        assert error < 0.03 * expected  # or the check above would say nothing


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Rules(drop=Drop.NEWEST), "waiting"),
        (lambda: Rules(drop=Drop.OLDEST, limit=1, closed=True), "closed loop"),
        (lambda: Plot((Step(0, 1),), (Step(0, 1),), (Step(0, 1),), 0), "every 0"),
        (lambda: Plot((Step(0, 1),), (Step(1, 2),), (Step(0, 1),)), "in_order"),
    ],
)
def test_rules_that_make_no_sense_are_refused(make, message):
    with pytest.raises(InputError, match=message):
        make()


def test_more_requests_than_memory_should_hold_are_refused_unless_some_are_dropped(monkeypatch):
    monkeypatch.setattr("dfsrt.run.live_requests.MOST_WAITING", 512)
    asked = {"period": "1 ns", "frames": 2000}
    with pytest.raises(InputError, match=r"512 requests wait, for more come than are served; let"):
        dfsrt.run("squeezenet", **asked)
    assert dfsrt.run("squeezenet", **{**asked, "period": "10 ms"}).report.requests.completed == 2000
    crowd = {"time_scale": 1e-6, "repeat": 5}
    with pytest.raises(InputError, match=r"512 requests wait"):
        dfsrt.run("voice-assistant", **crowd)
    counts = dfsrt.run("voice-assistant", **crowd, drop="newest=10").report.requests
    assert counts.dropped > 5000 and counts.completed + counts.dropped == counts.total
