"""Requests are a stream: a run of any length takes the memory of those that are here at once."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dfsrt
from dfsrt.base.errors import InputError
from dfsrt.governor import make_governor
from dfsrt.run import constant_cap, make_job
from dfsrt.run.book import Book
from dfsrt.run.detail import CHUNK, Detail
from dfsrt.run.execution import Execution
from dfsrt.run.latencies import MOST_DISTINCT
from dfsrt.run.live_requests import ENDED, FIRST_SLOTS, LiveRequests
from dfsrt.run.program import plain
from dfsrt.run.rules import Drop, Rules
from dfsrt.run.stream import Load, ranks
from tests.helpers.serve import frames_of, load_of
from tests.helpers.tiny import tiny_npu, tiny_table
from tests.run.test_replay import MS, trace_of

SMALL = tiny_table(tiny_npu(), [4_000, 1_000], [1_000, 2_000], [2.0, 0.5])
PIECE = CHUNK + ENDED
"""Requests and rows that one piece of a log may hold: what leaves at once comes on top."""


class Most:
    """A consumer that remembers the largest piece of a log."""

    def __init__(self):
        self.rows = self.requests = self.pieces = 0

    def add(self, log):
        self.rows = max(self.rows, len(log.times))
        self.requests = max(self.requests, len(log.requests))
        self.pieces += 1


def streamed(execution):
    """Run; return the execution, its book and the most that a piece of its log held."""
    book, most = Book(execution.table, execution.cap), Most()
    execution.stream([book, most])
    return execution.requests.queue, book, most


def test_a_deadline_before_its_request_is_one_line():
    zero = np.zeros(2, dtype=np.int64)
    with pytest.raises(InputError, match="deadline of request 1 is 5000 ns before it comes; give"):
        Load(zero, zero, np.array([10, -5000]), zero, zero)


@pytest.mark.parametrize("period_ns", [None, 1_000_000])
def test_a_million_requests_take_the_slots_of_the_first_ones(period_ns):
    governor, cap = make_governor("dfs"), constant_cap(1.0)
    million = frames_of(SMALL, governor, cap, 10**6, period_ns, compiled=True, every_row=False)
    queue, book, most = streamed(million)
    assert book.frames == 10**6
    assert len(queue.slots) == len(queue.ready) == len(queue.asleep) == FIRST_SLOTS
    assert (len(queue.stream), len(queue.chains)) == (1, 1)
    assert most.requests <= PIECE
    assert most.pieces >= 10**6 // PIECE
    assert len(million._recorder) == million._recorder.pending + million._recorder._dropped
    assert million._recorder.pending == 0
    assert len(book.requests.whole.latency._values) < 10


def test_python_takes_no_more_memory_for_more_requests(monkeypatch):
    """Peaks of what Python and numpy allocate; a number for each request would be 72 kB."""
    monkeypatch.setattr("dfsrt.run.latencies.PENDING_VALUES", 1_000)

    def peak(frames):
        governor, cap = make_governor("dfs"), constant_cap(1.0)
        tracemalloc.start()
        streamed(frames_of(SMALL, governor, cap, frames, every_row=False, chunk=1_000))
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(10)  # what is imported or looked up once
    few, many = peak(3_000), peak(12_000)
    assert many - few < 9_000 * 8 / 4


def test_only_those_that_wait_take_slots():
    """Two come for each that is served: with a limit of three nobody waits but they."""
    ns = int(SMALL.duration_ns[:, -1].sum())
    load = load_of([0, ns // 2], copies=20_000, span_ns=ns)
    rules = Rules(drop=Drop.OLDEST, limit=3)
    requests = LiveRequests(load, [plain(0, 2)], rules, compiled=True)
    governor, cap = make_governor("performance"), constant_cap(9.0)
    run = Execution(SMALL, governor, cap, requests, Detail(every_row=False, compiled=True))
    queue, book, _ = streamed(run)
    whole = book.requests.whole
    assert whole.total == whole.completed + whole.dropped == 40_000
    assert whole.dropped > 10_000
    assert len(queue.slots) == FIRST_SLOTS


@pytest.mark.parametrize("step", ["layer", "kernel"])
@pytest.mark.parametrize("loop", ["open", "closed"])
def test_a_trace_of_a_thousand_million_requests_starts_at_once(step, loop):
    trace = trace_of(range(0, 100, 10))
    job = make_job(trace, repeat=10**8, until="0.5 s", loop=loop, step=step)
    assert job.load.requests == 10**9
    assert len(job.load.arrival_ns) == 10
    report = dfsrt.run(trace, repeat=10**8, until="0.5 s", loop=loop, step=step).report
    assert report.time_s == pytest.approx(0.5, rel=1e-3)
    gaps_of_ten = 10 * 0.5 / (trace.card.duration_ns * 1e-9)
    if loop == "open":
        assert report.requests.total == pytest.approx(gaps_of_ten, abs=1)
    else:
        assert report.requests.completed > 4 * gaps_of_ten
        assert report.busy_share == pytest.approx(1)


def test_a_repeated_trace_brings_as_many_cap_changes_as_can_come():
    trace = trace_of([0, 10, 20], caps=[(0, 0.9), (15 * MS, 0.5)])
    job = make_job(trace, repeat=10**8, until="60 ms")
    told = [(step.start_ns, step.limit_w) for step in job.power_cap.steps]
    assert told == [(k * 20 * MS + t, w) for k in range(3) for t, w in ((0, 0.9), (15 * MS, 0.5))]
    with pytest.raises(InputError, match="more than 1,000,000 times; let the run end earlier"):
        dfsrt.run(trace, repeat=10**8)
    assert make_job(trace, repeat=10**8, cap="1 W").power_cap.steps[0].limit_w == 1.0


def test_latencies_that_are_all_different_take_bounded_memory(monkeypatch):
    monkeypatch.setattr("dfsrt.run.latencies.MOST_DISTINCT", 2_000)
    monkeypatch.setattr("dfsrt.run.latencies.PENDING_VALUES", 500)
    arrivals = np.cumsum(np.random.default_rng(1).integers(1, 40_000, 20_000))
    governor, cap = make_governor("dfs"), constant_cap(1.0)
    run = frames_of(SMALL, governor, cap, times_ns=arrivals, compiled=True, every_row=False)
    latency = streamed(run)[1].requests.whole.latency
    assert len(latency) == 20_000
    assert latency.rounded
    assert len(latency._values) <= 2_500 + ENDED
    assert MOST_DISTINCT > 10**6


@pytest.mark.deep
@pytest.mark.slow
def test_ten_hours_of_back_to_back_squeezenet_take_constant_memory():
    job, most = make_job("squeezenet", until="10 h"), Most()
    governor = make_governor("dfs")
    requests = LiveRequests(job.load, job.mix.plots, job.rules_under(governor), compiled=True)
    detail, book = Detail(every_row=False, compiled=True), Book(job.table, job.power_cap)
    run = Execution(job.table, governor, job.power_cap, requests, detail, until_ns=job.stop.at_ns)
    run.stream([book, most])
    assert book.span_ns == pytest.approx(36_000 * 10**9, abs=10**6)
    assert book.frames > 15_000_000
    assert book.busy_ns == book.span_ns
    assert len(run.requests.queue.slots) == FIRST_SLOTS
    assert most.requests <= PIECE
    assert most.rows <= len(job.table.load.names) * 100
    assert len(book.requests.whole.latency._values) < 100


def test_ranks_of_a_small_case_by_hand():
    assert ranks(np.array([7, -2, 7, 5])).tolist() == [2, 0, 2, 1]
    assert ranks(np.array([7, -(10**15), 7])).tolist() == [1, 0, 1]  # too far apart to be marked


@given(st.lists(st.integers(-40, 40) | st.integers(-(2**60), 2**60), min_size=1))
def test_ranks_are_places_among_the_distinct(values):
    distinct = sorted(set(values))
    assert ranks(np.array(values)).tolist() == [distinct.index(value) for value in values]
