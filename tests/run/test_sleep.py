"""An idle NPU that sleeps: by hand, and against a plain walk that shares no code with it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dfsrt.device.idle import IdleState
from dfsrt.governor.idle import Sleep, make_idle_governor
from dfsrt.governor.idle.timeout import Timeout
from dfsrt.run import constant_cap
from dfsrt.run.book import Book
from dfsrt.run.detail import Detail
from dfsrt.run.execution import Execution
from dfsrt.run.idle_tables import IdlePolicy
from dfsrt.run.live_requests import LiveRequests
from dfsrt.run.program import plain
from dfsrt.run.rules import Rules
from dfsrt.run.sleep_state import phase_code
from tests.helpers.naive_sleep import State, naive_day
from tests.helpers.serve import load_of
from tests.helpers.tiny import Fixed, tiny_npu, tiny_table

OFF = IdleState("off", 0.001, 10_000, 20_000, 2e-6, 4e-6)
EFFICIENCY = 0.8


def table_of(states):
    npu = replace(tiny_npu(fixed_w=0.002), idle=tuple(states))
    return tiny_table(npu, [1_000], [0], [1.0])  # 10 us at 100 MHz, 0.5 V


def day_of(
    states,
    arrivals,
    policy,
    until_ns,
    *,
    compiled=False,
    every_row=True,
    copies=1,
    multiplies=False,
):
    """The book and the rows' pieces ``(phase code, -1 for work, begin, end)`` of a run."""
    table = table_of(states)
    load = load_of(arrivals, copies=copies, span_ns=until_ns)
    requests = LiveRequests(load, [plain(0, 1)], Rules(), compiled=compiled)
    detail = Detail(every_row, compiled=compiled, multiplies=multiplies)
    cap = constant_cap(1.0)
    execution = Execution(
        table, Fixed([0], [500_000], sees_cap=False), cap, requests, detail,
        least_ns=copies * until_ns, idle=policy,
    )  # fmt: skip
    book, logs = Book(table, cap), []

    class Keep:
        def add(self, log):
            logs.append(log)

    execution.stream([book, Keep()])
    book.close(requests.queue.state, requests.host_calls, 0, execution.sleeps)
    pieces = [
        (-1 if layer >= 0 else int(phase), int(begin), int(end))
        for log in logs
        for layer, phase, begin, end in zip(
            log.layer, log.phase, log.begin_ns, log.end_ns, strict=True
        )
    ]
    return book, pieces


def test_two_gaps_by_hand_to_the_nanosecond_and_the_joule():
    """Standing: (50 mW x 0.5^2 + 2 mW) / 0.8 = 18.125 mW; off: 1 mW / 0.8 = 1.25 mW.

    Work 0 to 10 us. The first gap lasts to 100 us: up to 40 us (timeout 30 us), entry to 50, off to
    100, exit to 120; work to 130. The second lasts to 165: entry begins at 160 and ends at 170, the
    request waits; exit to 190, work to 200; then up to 230, entry to 240, off to the end at 300.
    """
    book, pieces = day_of([OFF], [0, 100_000, 165_000], IdlePolicy(Timeout(after=30_000)), 300_000)
    up, enter, off, leave = (
        0,
        phase_code(1, -1, 0, 1),
        phase_code(2, -1, 0, 1),
        phase_code(3, -1, 0, 1),
    )
    assert joined(pieces) == [
        (-1, 0, 10_000),
        (up, 10_000, 40_000), (enter, 40_000, 50_000), (off, 50_000, 100_000),
        (leave, 100_000, 120_000), (-1, 120_000, 130_000),
        (up, 130_000, 160_000), (enter, 160_000, 170_000), (leave, 170_000, 190_000),
        (-1, 190_000, 200_000),
        (up, 200_000, 230_000), (enter, 230_000, 240_000), (off, 240_000, 300_000),
    ]  # fmt: skip
    sleep = book.sleep
    assert sleep.entries.tolist() == [3]
    assert sleep.waited_ns.tolist() == [20_000 + 25_000]
    # Break-even: (6 uJ + 0.3 uJ of uncore - 11.25 mW x 30 us) / (28.125 - 11.25 mW) = 353.3 us.
    assert sleep.too_early.tolist() == [2]
    rail_j = book.idle_j[:5].sum()
    standing, asleep = 18.125e-3 * 90e-6, 1.25e-3 * 110e-6
    assert rail_j == pytest.approx(standing + asleep + 3 * 2e-6 + 2 * 4e-6, rel=1e-12)
    assert book.idle_j[6] == pytest.approx(0.01 * 270e-6, rel=1e-12)  # the uncore goes on
    assert sleep.time_ns.sum() == book.idle_ns == 270_000
    assert sleep.energy_j.sum(axis=0) == pytest.approx(book.idle_j, rel=1e-12)


class Choices:
    """An idle governor that draws its choices from a list, and remembers what it chose."""

    def __init__(self, choices):
        self._choices, self.made = choices, []

    def choose(self, view):
        state, wait = self._choices[len(self.made) % len(self._choices)]
        self.made.append((state, view.idle_ns + wait))
        return Sleep(*self.made[-1])


@st.composite
def states_of(draw):
    states, entry, joules = [], 0, 0.0
    for k in range(draw(st.integers(1, 3))):
        entry += draw(st.integers(0, 30_000)) if k else draw(st.integers(1, 30_000))
        joules += draw(st.integers(0 if k else 1, 50)) * 1e-7
        exit_ns, exit_j = draw(st.integers(1, 40_000)), draw(st.integers(0, 50)) * 1e-7
        states.append(IdleState(f"s{k}", (3 - k) * 1e-3, entry, exit_ns, joules, exit_j))
    return states


@settings(max_examples=150)
@given(
    states_of(),
    st.lists(st.integers(0, 400_000), min_size=1, max_size=8),
    st.lists(st.tuples(st.integers(-1, 2), st.integers(0, 120_000)), min_size=1, max_size=6),
    st.integers(0, 500_000),
)
@example([IdleState("s0", 3e-3, 445, 8, 0.0, 0.0)], [445], [(0, 0), (2, 3795)], 141_636)
def test_any_choices_run_as_the_plain_walk_says(states, times, choices, more_ns):
    arrivals = sorted(times)
    until_ns = arrivals[-1] + 10_000 + more_ns
    choices = [(min(state, len(states) - 1), wait) for state, wait in choices]
    governor = Choices(choices)
    book, pieces = day_of(states, arrivals, IdlePolicy(governor), until_ns)
    plain_states = [
        State(s.entry_ns, s.exit_ns, s.entry_j, s.exit_j, s.power_w / EFFICIENCY) for s in states
    ]
    made = iter(governor.made)
    day = naive_day(
        arrivals, 10_000, plain_states, 18.125e-3, lambda *_: next(made, (-1, 0)), until_ns
    )
    n = len(states)
    names = {-1: "work", 0: "up"}
    for k in range(n):
        names |= {phase_code(1, b, k, n): f"enter {k}" for b in range(-1, k)}
        names |= {phase_code(2, -1, k, n): f"in {k}", phase_code(3, -1, k, n): f"leave {k}"}
    assert joined((names[code], begin, end) for code, begin, end in pieces) == joined(day.pieces)
    assert next(made, None) is None
    assert book.sleep.entries.sum() == day.entries
    assert book.sleep.waited_ns.sum() == day.waited_ns
    assert book.idle_j[:5].sum() == pytest.approx(day.idle_j, rel=1e-9, abs=1e-15)


def joined(pieces):
    """Pieces with equal neighbours as one."""
    out = []
    for what, begin, end in pieces:
        if end == begin:
            continue
        if out and out[-1][0] == what and out[-1][2] == begin:
            out[-1] = (what, out[-1][1], end)
        else:
            out.append((what, begin, end))
    return out


@settings(max_examples=60)
@given(
    states_of(),
    st.lists(st.integers(0, 400_000), min_size=1, max_size=12),
    st.integers(1, 100_000),
    st.booleans(),
)
def test_rows_and_counts_book_the_same(states, times, after_ns, lowers):
    arrivals = sorted(times)
    policy = IdlePolicy(Timeout(after=after_ns), lowers)
    until_ns = arrivals[-1] + 600_000
    rows, _ = day_of(states, arrivals, policy, until_ns)
    counts, _ = day_of(states, arrivals, policy, until_ns, every_row=False)
    assert rows.sleep.time_ns.tolist() == counts.sleep.time_ns.tolist()
    assert rows.sleep.sleeps.tolist() == counts.sleep.sleeps.tolist()
    assert rows.sleep.energy_j == pytest.approx(counts.sleep.energy_j, rel=1e-9)
    assert rows.sleep.oracle_j <= rows.sleep.spent_j
    assert rows.busy_ns + rows.idle_ns == rows.span_ns


RULES = ("timeout=20us", "break-even", "ladder", "menu", "teo", "oracle")


@settings(max_examples=60)
@given(
    states_of(),
    st.lists(st.integers(0, 400_000), min_size=1, max_size=4),
    st.sampled_from(RULES),
    st.booleans(),
    st.booleans(),
)
def test_days_that_repeat_are_multiplied_as_they_would_be_walked(
    states, times, name, lowers, compiled
):
    policy = IdlePolicy(make_idle_governor(name), lowers)
    arrivals = sorted(times)
    until_ns = arrivals[-1] + 100_000
    walked, _ = day_of(states, arrivals, policy, until_ns, every_row=False, copies=300)
    again, _ = day_of(
        states, arrivals, policy, until_ns, every_row=False, copies=300, multiplies=True,
        compiled=compiled,
    )  # fmt: skip
    assert walked.sleep.time_ns.tolist() == again.sleep.time_ns.tolist()
    assert walked.sleep.sleeps.tolist() == again.sleep.sleeps.tolist()
    assert walked.idle_j == pytest.approx(again.idle_j, rel=1e-12)
    assert walked.span_ns == again.span_ns and walked.frames == again.frames


@pytest.mark.parametrize("name", RULES)
def test_a_night_of_the_same_gaps_is_multiplied(name):
    policy = IdlePolicy(make_idle_governor(name))
    book, _ = day_of([OFF], [0], policy, 1_000_000, every_row=False, copies=10**9, multiplies=True)
    assert book.sleep.stretches == 10**9  # walked they would take days
