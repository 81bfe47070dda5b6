"""A search ends by its work, not by a clock: the same plan on every machine."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from dfsrt.governor.optimum import Budget, Tradeoff
from dfsrt.governor.optimum import budget as budget_file
from dfsrt.governor.optimum.budget import BACKSTOP
from dfsrt.testing.views import make_view

HASTY_NS = 60_000_000
"""Enough for some of a search, and not for all of it."""


def clock(monkeypatch, tick_s):
    """A clock that goes on by so much whenever somebody looks."""
    times = itertools.count()
    monkeypatch.setattr(budget_file.time, "thread_time", lambda: next(times) * tick_s)


def found(time_ns):
    view = make_view(n_layers=60, n_levels=8, cap_w=1.5, seed=4)
    tradeoff = Tradeoff(view, budget=Budget(time_ns=time_ns))
    fast = tradeoff.least_time
    thrifty = tradeoff.least_energy(fast.time_ns * 1.05)
    return tradeoff, [fast, thrifty]


@pytest.mark.parametrize("time_ns", [1, HASTY_NS // 4, HASTY_NS, 10_000_000_000])
def test_a_slow_clock_and_a_fast_one_end_a_search_at_the_same_plan(monkeypatch, time_ns):
    ends = []
    for tick_s in (0.0, 1e-12, 1e-10):
        clock(monkeypatch, tick_s * time_ns * 1e-9)
        tradeoff, solutions = found(time_ns)
        assert not tradeoff.cut
        ends.append(
            [(s.plan.level.tobytes(), s.plan.rail_uv.tobytes(), s.bound) for s in solutions]
        )
    assert ends[0] == ends[1] == ends[2]


def test_more_work_leaves_no_wider_gap():
    gaps = [found(time_ns)[1][0].gap for time_ns in (1, HASTY_NS, 10_000_000_000)]
    assert gaps == sorted(gaps, reverse=True)
    assert gaps[0] > 0.0


def test_a_search_that_is_not_over_says_so_where_its_clock_has_run_out(monkeypatch):
    clock(monkeypatch, 1.0)
    tradeoff, solutions = found(10_000_000_000)
    assert tradeoff.cut
    assert solutions[0].gap > 0.0


def test_a_search_is_cut_by_its_clock_at_a_multiple_of_its_time(monkeypatch):
    budget, now_s = Budget(time_ns=2_000_000_000), [5.0]
    monkeypatch.setattr(budget_file.time, "thread_time", lambda: now_s[0])
    assert not budget.spent
    now_s[0] += 2.0 * BACKSTOP - 0.01
    assert not budget.spent
    now_s[0] += 0.02
    assert budget.spent
    assert budget.cut


def test_work_that_is_done_is_spent_and_no_clock_is_blamed(monkeypatch):
    clock(monkeypatch, 100.0)
    budget = Budget(time_ns=1_000)
    budget.work(999.0)
    assert not budget.spent
    budget.work(1.0)
    assert budget.spent
    assert not budget.cut


def test_a_later_question_does_not_forget_that_an_earlier_one_was_cut(monkeypatch):
    clock(monkeypatch, 1.0)
    tradeoff, _ = found(10_000_000_000)
    tradeoff.ask(1e-3, Budget(), True)
    assert tradeoff.cut


def test_the_same_question_counts_the_same_work():
    first, second = (found(10_000_000_000)[0].budget.used_ns for _ in range(2))
    assert first == second
    assert np.isfinite(first)
    assert first > 0
