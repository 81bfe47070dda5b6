"""Requests of tokens: passes over a graph whose cache grows, one request at a time or many."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dfsrt.device import Domain
from dfsrt.device.boundary import rail_times
from dfsrt.governor import make_governor
from dfsrt.governor.plan import Plan
from dfsrt.power.joined import join_tables
from dfsrt.run import CapStep, PowerCap, constant_cap
from dfsrt.run.batching import Batching
from dfsrt.run.book import Book, book_of
from dfsrt.run.detail import Detail
from dfsrt.run.execution import Execution
from dfsrt.run.live_requests import LiveRequests
from dfsrt.run.machine import Machine
from dfsrt.run.meter import book_run, make_meter
from dfsrt.run.program import Step, token_plot
from dfsrt.run.rules import Discipline, Rules
from dfsrt.run.stream import NEVER_NS, NO_DEADLINE, steady
from tests.helpers.naive_tokens import NaiveTokens
from tests.helpers.serve import load_of
from tests.helpers.tiny import tiny_npu, tiny_table
from tests.run.test_compiled_and_plain import assert_books_equal, assert_logs_equal
from tests.run.test_laps import assert_same_to_the_bit, booked

NPU = tiny_npu([(100_000_000, 500_000), (400_000_000, 1_000_000)])
# Of each layer: cycles, bytes, microjoules at 1 V, and what it is a block of a cache for.
ONE = [(20, 1_000, 1.0, 0), (10, 300, 0.25, 1), (5, 50, 0.5, 0)]
FOUR = [(80, 1_000, 2.0, 0), (40, 300, 0.75, 1), (30, 70, 0.5, 0)]


def model(graphs, npu=NPU, chunk=None):
    """Return table and plot of a model with these ``graphs``, by their tokens.

    Predictions are one in a hundred too high: none is right by chance of rounding.
    """
    tables, steps, first = [], [], 0
    for tokens, layers in graphs.items():
        cycles, moved, switched, grows = zip(*layers, strict=True)
        table = tiny_table(npu, cycles, moved, switched)
        high = table.predicted_w * 1.01
        tables.append(replace(table, grows=np.array(grows, dtype=int), predicted_w=high))
        steps.append(Step(first, first + len(layers), tokens=tokens))
        first += len(layers)
    return join_tables(tables, "model"), token_plot(tuple(steps), chunk or max(graphs))


def tokens_load(requests, **stream):
    """Return requests of (arrival, prompt, tokens, priority, deadline)."""
    arrival, prompt, tokens, priority, deadline = zip(*requests, strict=True)
    due = [NO_DEADLINE if d is None else d for d in deadline]
    counts = {"prompt": np.array(prompt), "tokens": np.array(tokens)}
    return load_of(arrival, None, due, priority, range(len(arrival)), **counts, **stream)


def execution(graphs, requests, rules, governor, *, chunk=None, cap=None, **options):
    table, plot = model(graphs, chunk=chunk)
    compiled, every_row = options.get("compiled", False), options.get("every_row", True)
    live = LiveRequests(tokens_load(requests), [plot], rules, compiled=compiled)
    detail = Detail(every_row, compiled=compiled)
    return Execution(table, governor, cap or constant_cap(math.inf), live, detail)


class At:
    """A governor of one clock, that looks at no cap."""

    name, sees_cap = "at", False

    def __init__(self, level):
        self._level = level

    def plan(self, view):
        level = np.full(view.n_layers, self._level)
        return Plan(level, view.rails_uv[level])


def naive_graphs(graphs, level):
    mhz = (100, 400)[level]
    return {
        tokens: [(max(c * 1000 // mhz, b), b, uj, grows) for c, b, uj, grows in layers]
        for tokens, layers in graphs.items()
    }


# By hand: two requests, chunks of four tokens, at 100 MHz and one byte a nanosecond.


def test_a_request_reads_its_prompt_in_chunks_then_writes_token_by_token():
    """18 tokens in chunks of 4: four full ones, then 2 padded to 4; the cache of 16 is a block.

    A pass of four takes 1000 + 300 ns for each block of 400 ns + 300 ns, one of one token 1000 +
    300 for each block + 50. Passes see 0, 4, 8, 12 and 16 tokens: 0, 1, 1, 1 and 1 blocks; then
    18, 19 and 20: 2 blocks each.
    """
    log = execution({4: FOUR, 1: ONE}, [(0, 18, 4, 0, None)], Rules(), At(0)).run()
    ended = log.requests
    first = 5 * (1000 + 300) + 4 * 400
    assert ended.first_ns.tolist() == [first]
    assert ended.gap_ns.tolist() == [1000 + 2 * 300 + 50]
    assert ended.finish_ns.tolist() == [first + 3 * 1650]
    assert (ended.prompt.tolist(), ended.tokens.tolist()) == ([18], [4])
    cached = log.layer[log.ran] == 1
    assert (log.end_ns - log.start_ns)[log.ran][cached].tolist() == [0, 400, 400, 400, 400][1:]


def test_an_energy_of_a_cache_is_that_of_all_its_blocks():
    """By hand, at 0.5 V: a quarter of the microjoules, 10 pJ a byte, and 12.5 mW + 2.5 mW run."""
    log = execution({1: ONE}, [(0, 1, 34, 0, None)], Rules(), At(0)).run()
    row = np.flatnonzero(log.layer == 1)[-1]  # 33 tokens are cached: three blocks
    assert log.end_ns[row] - log.start_ns[row] == 900
    switched, clock, leak, _, _, dram, _ = log.energy_j[row]
    assert switched == pytest.approx(3 * 0.25e-6 / 4)
    assert dram == pytest.approx(3 * 300 * 1e-11)
    assert (clock, leak) == (
        pytest.approx(1e-10 * 1e8 / 4 * 900e-9), pytest.approx(0.05 / 4 * 900e-9)
    )  # fmt: skip


def test_a_batch_is_filled_with_tokens_that_are_written_then_with_prompts():
    """By hand: a budget of 4 tokens, A with a prompt of 3, B, at 10 ns, with one of 5.

    A's 3 in a pass of four; then A's token and 3 of B; A's last and 2 of B; then B's 2 tokens, one
    a pass. What is cached is a block each: 400 ns for a token in a pass of four and 300 ns alone,
    600 ns for tokens of a prompt, also where they see but those before them in the same chunk.
    """
    four, one = [*FOUR[:2], (60, 500, 1.0, 2), FOUR[2]], [*ONE[:2], (10, 500, 0.5, 2), ONE[2]]
    graphs = {4: four, 1: one}
    rules = Rules(Discipline.CONTINUOUS, batch=Batching(budget=4))
    requests = [(0, 3, 3, 0, None), (10, 5, 3, 0, None)]
    log = execution(graphs, requests, rules, At(0)).run()
    four, one = 1300, 1050
    ends = list(itertools.accumulate(
        [four + 600, four + 400 + 600, four + 400 + 600, one + 300, one + 300]
    ))  # fmt: skip
    ended = log.requests
    assert ended.number.tolist() == [0, 1]
    assert ended.admit_ns.tolist() == [0, ends[0]]
    assert ended.first_ns.tolist() == [ends[0], ends[2]]
    assert ended.finish_ns.tolist() == [ends[2], ends[4]]
    assert ended.gap_ns.tolist() == [four + 1000, one + 300]


def test_bytes_grow_linearly_with_what_is_cached():
    """Of n tokens: n times the weights, and a block more every 16 tokens: a closed form."""
    n = 40 * 16
    run = execution({1: ONE}, [(0, 1, n + 1, 0, None)], Rules(), At(1), every_row=False)
    book = Book(run.table, constant_cap(math.inf))
    run.stream([book])
    moved = int((book.runs.sum(axis=1) * run.table.load.dram_bytes).sum())
    # The prompt's pass sees nothing; token k sees k cached tokens, k = 1 to n.
    blocks = 16 * sum(range(1, 41))
    assert moved == (n + 1) * (1_000 + 50) + blocks * 300


def test_a_higher_priority_takes_over_when_a_pass_ends():
    graphs = {4: FOUR, 1: ONE}
    rules = Rules(Discipline.PRIORITY)
    requests = [(0, 4, 3, 0, None), (100, 4, 1, 5, None)]
    ended = execution(graphs, requests, rules, At(0)).run().requests
    assert ended.number.tolist() == [1, 0]
    assert ended.admit_ns.tolist() == [1300, 0]
    assert ended.finish_ns.tolist() == [2600, 2600 + 2 * 1350]
    assert ended.gap_ns.tolist() == [0, 1300 + 1350]


# Against the naive twin.

layer = st.tuples(
    st.integers(0, 15).map(lambda n: 4 * n), st.integers(1, 900), st.sampled_from([0.0, 0.25, 3.0])
)


@st.composite
def models(draw):
    sizes = draw(st.sampled_from([(4, 1), (8, 4, 2, 1), (16, 1), (3, 2, 1)]))
    marks = draw(st.lists(st.integers(0, 2), min_size=2, max_size=4))
    return {
        size: [(*draw(layer), grows) for grows in (0, *marks, 0)] for size in sizes
    }  # fmt: skip


@st.composite
def asked(draw):
    n = draw(st.integers(1, 6))
    gaps = draw(st.lists(st.sampled_from([0, 1, 900, 20_000, 400_000]), min_size=n, max_size=n))
    each = st.tuples(
        st.integers(1, 70), st.integers(1, 40), st.integers(0, 2),
        st.sampled_from([None, 5_000, 90_000]),
    )  # fmt: skip
    return [(at, *draw(each)) for at in itertools.accumulate(gaps)]


@st.composite
def orders(draw, graphs):
    """Rules with what the naive twin calls them."""
    name = draw(st.sampled_from(["fifo", "priority", "edf", "continuous", "continuous"]))
    if name != "continuous":
        return name, Rules(Discipline[name.upper()]), {}
    budget = draw(st.integers(1, max(graphs)))
    room = draw(st.sampled_from([NEVER_NS, 110, 180]))
    most = draw(st.sampled_from([2, 64]))
    batch = Batching(budget=budget, requests=most)
    rules = Rules(Discipline.CONTINUOUS, batch=batch, cache_limit=room)
    return name, rules, {"budget": budget, "most": most, "room": room}


scenes = models().flatmap(
    lambda graphs: st.tuples(
        st.just(graphs), asked(), orders(graphs), st.integers(1, max(graphs)), st.integers(0, 1)
    )
)


@settings(max_examples=60)
@given(scenes)
def test_any_requests_are_served_as_the_naive_twin_serves_them(scene):
    graphs, requests, (name, rules, batching), chunk, level = scene
    run = execution(graphs, requests, rules, At(level), chunk=chunk, every_row=False)
    book = Book(run.table, constant_cap(math.inf))
    kept = []
    run.stream([book, type("Keeper", (), {"add": lambda self, log: kept.extend(log.left)})()])
    twin = NaiveTokens(naive_graphs(graphs, level), chunk, **batching)
    expected = twin.serve(requests, name)
    got = {
        int(e.number[i]): tuple(
            int(getattr(e, c)[i]) for c in ("admit_ns", "first_ns", "finish_ns", "gap_ns")
        )
        for e in kept
        for i in range(len(e))
    }
    assert got == {r.number: (r.started, r.first, r.stamps[-1], r.gap) for r in expected}
    assert book.runs[:, level].tolist() == list(twin.runs.values())
    assert book.time_ns[:, level].tolist() == list(twin.time.values())
    assert book.energy_j.sum(axis=1) == pytest.approx(_joules(graphs, twin, level), rel=1e-9)


def _joules(graphs, twin, level):
    """Joules of each layer: switched charge and bytes by count, all else by time.

    The regulator loses a fifth of what the NPU takes.
    """
    volt, hz = (0.5, 1.0)[level], (1e8, 4e8)[level]
    watts = (1e-10 * hz * volt**2 + 0.05 * volt**2) / 0.8 + 0.01
    layers = {(size, i): one for size, graph in graphs.items() for i, one in enumerate(graph)}
    return [
        twin.runs[key] * (uj * 1e-6 * volt**2 / 0.8 + moved * 1e-11) * (twin.time[key] > 0)
        + twin.time[key] * 1e-9 * watts
        for key, (_, moved, uj, _) in layers.items()
    ]


CAPS = (
    constant_cap(0.4),
    PowerCap((CapStep(0, 0.5), CapStep(30_000, 0.2), CapStep(200_000, 0.9))),
)


@settings(max_examples=30)
@given(scenes, st.sampled_from(["dfs", "dvfs", "schedutil:period=30us"]), st.sampled_from(CAPS))
def test_counts_of_growing_layers_add_up_to_what_the_rows_say(scene, governor, cap):
    graphs, requests, (_, rules, _), chunk, _ = scene
    runs = [
        execution(
            graphs, requests, rules, make_governor(governor), chunk=chunk, cap=cap, every_row=rows
        )
        for rows in (False, True)
    ]
    books = []
    for run in runs:
        books.append(Book(run.table, cap))
        run.stream([books[-1]])
    assert_books_equal(*books)


@settings(max_examples=25)
@given(scenes, st.sampled_from(["dfs", "dvfs"]), st.sampled_from(CAPS))
def test_machine_code_serves_tokens_as_plain_python_does(scene, governor, cap):
    graphs, requests, (_, rules, _), chunk, _ = scene
    slow, fast = (
        execution(
            graphs, requests, rules, make_governor(governor), chunk=chunk, cap=cap,
            compiled=compiled,
        ).run()
        for compiled in (False, True)
    )  # fmt: skip
    assert_logs_equal(fast, slow)
    for name in ("prompt", "tokens", "first_ns", "gap_ns"):
        assert np.array_equal(getattr(fast.requests, name), getattr(slow.requests, name)), name


@settings(max_examples=25)
@given(
    models(), st.sampled_from([None, 40_000, 900_000]), st.integers(1, 60), st.integers(1, 30),
    st.sampled_from(["dfs", "dvfs"]), st.sampled_from([Discipline.FIFO, Discipline.CONTINUOUS]),
)  # fmt: skip
def test_requests_of_tokens_that_repeat_are_multiplied_as_if_they_were_walked(
    graphs, period_ns, prompt, tokens, governor, discipline
):
    table, plot = model(graphs)
    load = steady(40, period_ns, prompt=prompt, tokens=tokens)
    rules = Rules(discipline, closed=load.closed, batch=Batching(budget=max(graphs)))
    walked, multiplied = (
        booked(
            table, make_governor(governor), constant_cap(0.4), load, [plot], rules,
            multiplies=multiplies, least_ns=load.duration_ns,
        )
        for multiplies in (False, True)
    )  # fmt: skip
    assert multiplied[1] > 0 or period_ns is not None
    assert_same_to_the_bit(multiplied[0], walked[0])
    one, two = (book.requests.whole.tokens for book, _ in (walked, multiplied))
    assert (one.prompt, one.written, one.longest_ns) == (two.prompt, two.written, two.longest_ns)
    assert one.first.histogram() == two.first.histogram()
    assert one.each.histogram() == two.each.histogram()


@settings(max_examples=15)
@given(scenes)
def test_a_meter_books_caches_as_rows_do(scene):
    """Run by run, at the reference temperature and one voltage: the same joules and excess."""
    graphs, requests, (_, rules, _), chunk, level = scene
    log = execution(graphs, requests, rules, At(level), chunk=chunk, cap=CAPS[0]).run()
    meter, m, rail = make_meter(log.table, Domain.NPU), Machine(), rail_times(NPU.rail)
    meter.now.cap_w, m.level, m.set_point = CAPS[0].first_w, level, level
    for i in np.flatnonzero(log.ran).tolist():
        m.layer, m.times = int(log.layer[i]) + 1, int(log.executions[i])
        m.last_begin_ns, m.now_ns = int(log.begin_ns[i]), int(log.end_ns[i])
        book_run(meter, m, rail, 0)
    book = book_of(log)
    assert meter.joules()[:-1] == pytest.approx(book.energy_j, rel=1e-9, abs=1e-22)
    assert meter.now.over_runs == book.layers_over
