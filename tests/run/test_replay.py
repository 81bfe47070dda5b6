"""Replay: the queue against a naive one, against queueing theory, and the kernel against SimPy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dfsrt.base.errors import InputError
from dfsrt.governor import make_governor
from dfsrt.power.joined import join_tables
from dfsrt.report.totals import Totals, totals_of
from dfsrt.run import constant_cap
from dfsrt.run.program import Plot, Step, plain
from dfsrt.run.queue import N_DONE, N_DROPPED, NEVER_NS, PREEMPTIONS, Discipline, Drop, Status
from dfsrt.run.recorder import IDLE
from dfsrt.run.replay import Replay
from dfsrt.run.replay_engine import KernelReplay
from dfsrt.run.requests import NO_DEADLINE, Requests, Rules, make_queue
from tests.helpers.naive_queue import NaiveQueue
from tests.helpers.strategies import npus, tables
from tests.helpers.tiny import tiny_npu, tiny_table
from tests.run.test_kernel import GOVERNORS, assert_logs_equal, caps


def requests_of(arrival, workload=None, deadline=None, priority=None, session=None):
    n = len(arrival)

    def column(values, default):
        return np.full(n, default) if values is None else np.array(values, dtype=np.int64)

    return Requests(
        np.array(arrival, dtype=np.int64),
        column(workload, 0),
        column(deadline, NO_DEADLINE),
        column(priority, 0),
        column(session, 0),
    )


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
def many_requests(draw, workloads):
    n = draw(st.integers(1, 12))

    def column(values):
        return draw(st.lists(values, min_size=n, max_size=n))

    gaps = st.sampled_from([0, 0, 1, 20_000, 150_000, 1_000_000])
    return requests_of(
        np.cumsum(column(gaps)),
        column(st.integers(0, workloads - 1)),
        column(st.sampled_from([NO_DEADLINE, 1, 50_000, 300_000, 2_000_000])),
        column(st.integers(-1, 2)),
        column(st.integers(0, 2)),
    )


@st.composite
def rules(draw):
    closed = draw(st.booleans())
    drops = [Drop.NONE, Drop.LATE] if closed else list(Drop)
    drop, limit = draw(st.sampled_from(drops)), draw(st.integers(1, 3))
    return Rules(draw(st.sampled_from(list(Discipline))), drop, limit, closed)


@st.composite
def scenes(draw, npu=None):
    """A joined table, plots, requests, rules."""
    npu = draw(npus()) if npu is None else npu
    parts = draw(st.lists(tables(npu=npu, max_layers=4), min_size=1, max_size=3))
    table = join_tables(parts, "joined")
    found = draw(plots(table.sections))
    return table, found, draw(many_requests(len(found))), draw(rules())


untils = st.sampled_from([NEVER_NS, NEVER_NS, 700_000])


@settings(max_examples=300)
@given(scenes(), caps(), st.sampled_from(GOVERNORS), untils, st.data())
def test_the_kernel_replays_any_scene_as_the_simpy_path_does(scene, cap, governor, until, data):
    table, found, requests, rule = scene
    least = data.draw(st.sampled_from([0, 5_000_000]))
    runs = []
    for engine in (Replay, KernelReplay):
        queue = make_queue(requests, found, rule)
        chosen = make_governor(governor)
        runs.append((queue, engine(table, chosen, cap, queue, least, until).run()))
    (slow_queue, slow), (fast_queue, fast) = runs
    assert_logs_equal(fast, slow)
    for name in ("status", "arrival_ns", "admit_ns", "finish_ns", "host_calls", "now"):
        np.testing.assert_array_equal(getattr(fast_queue, name), getattr(slow_queue, name), name)


@settings(max_examples=100)
@given(scenes(), caps(), st.sampled_from(GOVERNORS[:4]), st.sampled_from([1, 7, 10**6]))
def test_counted_replays_add_up_to_what_the_rows_say(scene, cap, governor, chunk):
    table, found, requests, rule = scene
    counting = KernelReplay(
        table, make_governor(governor), cap, make_queue(requests, found, rule), 3_000_000
    )
    counting.every_row = False
    totals = Totals(table, cap)
    counting.stream(totals, chunk=chunk)
    whole = Replay(
        table, make_governor(governor), cap, make_queue(requests, found, rule), 3_000_000
    )
    expected = totals_of(whole.run())
    assert totals.span_ns == expected.span_ns
    assert np.array_equal(totals.level_ns, expected.level_ns)
    assert np.array_equal(totals.transitions, expected.transitions)
    assert totals.runs == expected.runs
    assert totals.energy_j == pytest.approx(expected.energy_j, rel=1e-12, abs=1e-22)


ONE_CLOCK = tiny_npu([(100_000_000, 500_000)])


@settings(max_examples=500)
@given(scenes(npu=ONE_CLOCK), untils)
def test_any_scene_is_served_as_the_naive_queue_says(scene, until):
    table, found, requests, rule = scene
    queue = make_queue(requests, found, rule)
    log = Replay(
        table, make_governor("performance"), constant_cap(1.0), queue, until_ns=until
    ).run()
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
    rows = list(zip(*(getattr(requests, c).tolist() for c in columns), strict=True))
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
    table, found, requests, rule = scene
    queue = make_queue(requests, found, rule)
    log = KernelReplay(table, make_governor("dfs"), cap, queue, until_ns=until).run()
    done, dropped = (int((queue.status == s).sum()) for s in (Status.DONE, Status.DROPPED))
    assert (done, dropped) == (queue.now[N_DONE], queue.now[N_DROPPED])
    if until == NEVER_NS:
        assert done + dropped == len(requests)
    assert len(log.finish_ns) == done
    assert (np.diff(log.finish_ns) >= 0).all()
    busy = log.ran
    assert (log.begin_ns[1:] == log.end_ns[:-1]).all()  # no gap, no overlap
    assert set(log.frame[busy].tolist()) <= set(
        np.flatnonzero(queue.admit_ns >= 0).tolist()
    )  # work only on requests that began
    assert (log.layer[~busy] == IDLE).all()


def two_networks():
    """Networks of 3 and 1 layers, 100 and 50 µs a layer at the only clock."""
    parts = [tiny_table(ONE_CLOCK, [10_000] * n, [1] * n, [0.0] * n) for n in (3, 1)]
    return join_tables(parts, "both")


def replay(requests, plots, rule, table=None, until=NEVER_NS):
    table = two_networks() if table is None else table
    queue = make_queue(requests, plots, rule)
    log = Replay(table, make_governor("dfs"), constant_cap(5.0), queue, until_ns=until).run()
    return queue, log


LONG, SHORT = plain(0, 3), plain(3, 4)


def layer_ns():
    return int(two_networks().duration_ns[0, 0])


def test_a_higher_priority_takes_the_npu_at_the_next_layer_boundary():
    t = layer_ns()
    requests = requests_of([0, t // 2], [0, 1], priority=[0, 1])
    queue, log = replay(requests, [LONG, SHORT], Rules(Discipline.PRIORITY))
    assert log.frame.tolist() == [0, 1, 0, 0]
    assert queue.finish_ns.tolist() == [4 * t, 2 * t]
    assert queue.now[PREEMPTIONS] == 1
    queue, log = replay(requests, [LONG, SHORT], Rules(Discipline.FIFO))
    assert log.frame.tolist() == [0, 0, 0, 1]
    assert queue.now[PREEMPTIONS] == 0


def test_the_earliest_deadline_goes_first_and_equal_ones_by_arrival():
    t = layer_ns()
    requests = requests_of([0, 1, 2, 3], [0, 1, 1, 1], [100 * t, 90 * t, 50 * t, 90 * t - 2])
    _, log = replay(requests, [LONG, SHORT], Rules(Discipline.EDF))
    assert log.frame.tolist() == [0, 2, 1, 3, 0, 0]


def test_what_is_late_when_its_turn_comes_is_dropped():
    t = layer_ns()
    requests = requests_of([0, 0, 0], [0, 1, 1], [NO_DEADLINE, 3 * t, 3 * t + 1])
    queue, _ = replay(requests, [LONG, SHORT], Rules(drop=Drop.LATE))
    assert queue.status.tolist() == [Status.DONE, Status.DROPPED, Status.DONE]


def test_a_full_line_drops_the_newest_or_the_oldest():
    requests = requests_of([0, 1, 2, 3], [0, 1, 1, 1])
    queue, _ = replay(requests, [LONG, SHORT], Rules(drop=Drop.NEWEST, limit=2))
    assert np.flatnonzero(queue.status == Status.DROPPED).tolist() == [3]
    queue, _ = replay(requests, [LONG, SHORT], Rules(drop=Drop.OLDEST, limit=2))
    assert np.flatnonzero(queue.status == Status.DROPPED).tolist() == [1]


def test_in_a_closed_loop_a_request_comes_when_the_one_before_has_left():
    t = layer_ns()
    queue, _ = replay(requests_of([5, 6, 7], [1, 0, 1]), [LONG, SHORT], Rules(closed=True))
    assert queue.arrival_ns.tolist() == [5, 5 + t, 5 + 4 * t]
    assert queue.finish_ns.tolist() == [5 + t, 5 + 4 * t, 5 + 5 * t]


def test_others_run_while_a_request_is_on_the_host():
    t = layer_ns()
    steps = (Step(0, 1), Step(host_ns=10 * t), Step(1, 2))
    plots = [Plot(steps, steps, steps), SHORT]
    queue, log = replay(requests_of([0, 0], [0, 1]), plots, Rules())
    assert queue.finish_ns.tolist() == [12 * t, 2 * t]
    assert log.layer.tolist() == [0, 3, IDLE, 1]


def test_a_session_caches_what_only_its_first_request_does():
    t = layer_ns()
    plot = Plot((Step(3, 4), Step(0, 1)), (Step(0, 1),), (Step(host_ns=7),), 2, in_order=True)
    queue, log = replay(requests_of([0] * 4, session=[0, 0, 0, 1]), [plot], Rules())
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
            requests = requests_of(np.cumsum(gaps).astype(np.int64))
            queue = make_queue(requests, [LONG], Rules())
            runtime = KernelReplay(table, make_governor("dfs"), constant_cap(5.0), queue)
            runtime.every_row = False
            runtime.stream()
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
