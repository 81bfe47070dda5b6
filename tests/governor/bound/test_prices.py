"""Tasks in windows: prices against a program written out cell by cell, gaps against all pauses."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

from dfsrt.base.errors import InputError
from dfsrt.governor.bound import (
    bound_j,
    frontier_of,
    group_prices_w,
    joined,
    longest_gaps,
    program_prices_w,
    tasks_of,
)

NS = 1e-9


def random_kind(rng):
    """A frontier of up to four points, in nanoseconds and nanojoules: a watt a second."""
    n, scale = int(rng.integers(1, 5)), rng.uniform(0.5, 3)
    time, energy = np.sort(rng.uniform(1, 6, n)), np.sort(rng.uniform(1, 5, n))[::-1]
    return frontier_of(time * scale * NS, energy * scale * NS)


def instance(rng):
    """Kinds, and kind, release and deadline of a few tasks in a run of 90 ns."""
    kinds = [random_kind(rng) for _ in range(rng.integers(1, 4))]
    n = int(rng.integers(1, 8))
    release = rng.integers(0, 40, n)
    return kinds, rng.integers(0, len(kinds), n), release, release + rng.integers(5, 40, n)


def least_j(kinds, kind, release, due, idle_w):
    """The fluid optimum, a variable for each task and interval and each piece of a frontier.

    ``idle_w`` is a function of an interval's begin. None where the tasks do not fit.
    """
    times = sorted({0, 90, *release.tolist(), *due.tolist()})
    spans, n = list(pairwise(times)), len(kind)
    rates = [idle_w(a) for a, _ in spans]
    cost, most, of_task, of_span = [], [], [], []
    for task in range(n):
        for i, (a, b) in enumerate(spans):
            inside = release[task] <= a and b <= due[task]
            cost.append(-rates[i])
            most.append(b - a if inside else 0)
            of_task.append((task, 1))
            of_span.append(i)
        corners = kinds[kind[task]]
        for slope, width in zip(corners.slopes_w, np.diff(corners.time_s) / NS, strict=True):
            cost.append(slope)
            most.append(width)
            of_task.append((task, -1))
            of_span.append(-1)
    ran = [[sign * (task == own) for own, sign in of_task] for task in range(n)]
    here = [[i == own for own in of_span] for i in range(len(spans))]
    found = linprog(
        cost,
        A_ub=np.array(here, dtype=float),
        b_ub=[b - a for a, b in spans],
        A_eq=np.array(ran, dtype=float),
        b_eq=[kinds[k].time_s[0] / NS for k in kind],
        bounds=[(0, m) for m in most],
    )
    if found.status:
        return None
    waiting = sum(w * (b - a) for w, (a, b) in zip(rates, spans, strict=True))
    return (found.fun + waiting) * NS + sum(kinds[k].energy_j[0] for k in kind)


def test_prices_of_groups_reach_the_optimum_where_waiting_is_the_same_everywhere():
    rng, solved = np.random.default_rng(4), 0
    for _ in range(100):
        kinds, kind, release, due = instance(rng)
        idle_w = rng.uniform(0, 1)
        optimum = least_j(kinds, kind, release, due, lambda _, w=idle_w: w)
        if optimum is not None:
            tasks = tasks_of(kinds, kind, release, due, 90, 1000)
            waiting = np.full(len(tasks.length_s), idle_w)
            prices = group_prices_w(tasks, waiting)
            assert bound_j(tasks, waiting, prices) == pytest.approx(optimum, rel=1e-9)
            solved += 1
    assert solved > 70


def test_the_program_reaches_it_where_waiting_is_not():
    rng, lower = np.random.default_rng(5), 0
    for _ in range(60):
        kinds, kind, release, due = instance(rng)
        rates = rng.uniform(0, 1, 91)
        optimum = least_j(kinds, kind, release, due, lambda a, r=rates: r[a])
        if optimum is not None:
            tasks = tasks_of(kinds, kind, release, due, 90, 1000)
            waiting = rates[tasks.times[:-1]]
            prices = program_prices_w(tasks, waiting, 10.0)
            assert bound_j(tasks, waiting, prices) == pytest.approx(optimum, rel=1e-9)
            quick = bound_j(tasks, waiting, group_prices_w(tasks, waiting))
            assert quick <= optimum * (1 + 1e-12)
            lower += quick < optimum * (1 - 1e-6)
    assert lower > 5  # or nobody needed the program


SEEDS = st.integers(0, 2**32 - 1)


def bounded(kinds, kind, release, due, most=1000, idle_w=0.3):
    tasks = tasks_of(kinds, kind, release, due, 90, most)
    waiting = np.full(len(tasks.length_s), idle_w)
    return bound_j(tasks, waiting, group_prices_w(tasks, waiting))


@given(SEEDS)
def test_later_deadlines_and_larger_windows_never_raise_it_and_more_work_never_lowers_it(seed):
    rng = np.random.default_rng(seed)
    kinds, kind, release, due = instance(rng)
    due = np.maximum(due, np.sort(release) + 40)  # all of them fit
    least = bounded(kinds, kind, release, due)
    later = np.minimum(due + rng.integers(0, 20, len(due)), 90)
    assert bounded(kinds, kind, release, later) <= least * (1 + 1e-9)
    assert bounded(kinds, kind, release, due, most=4) <= least * (1 + 1e-9)
    fewer = kind[1:], release[1:], due[1:]
    if len(fewer[0]):
        dearer = [frontier_of(k.time_s, k.energy_j + k.time_s) for k in kinds]
        assert bounded(dearer, *fewer) <= bounded(dearer, kind, release, due) * (1 + 1e-9)


@given(SEEDS)
def test_any_price_bounds(seed):
    rng = np.random.default_rng(seed)
    kinds, kind, release, due = instance(rng)
    due = np.minimum(due + 40, 90)
    tasks = tasks_of(kinds, kind, release, due, 90, 1000)
    waiting = np.full(len(tasks.length_s), 0.2)
    best = bound_j(tasks, waiting, group_prices_w(tasks, waiting))
    assert bound_j(tasks, waiting, rng.uniform(0, 5, len(waiting))) <= best + 1e-9 * abs(best)


def test_layers_that_each_run_at_their_own_best_add_up_piece_by_piece():
    # A steep layer slows down first: 1 s more saves 4 J of it, but 1 J of the other.
    steep = frontier_of(np.array([1.0, 2.0]), np.array([6.0, 2.0]))
    shallow = frontier_of(np.array([2.0, 5.0]), np.array([4.0, 1.0]))
    both = joined([shallow, steep])
    assert both.time_s.tolist() == [3.0, 4.0, 7.0]
    assert both.energy_j.tolist() == [10.0, 6.0, 3.0]
    assert both.least_j(5.5) == pytest.approx(4.5)


@given(SEEDS)
def test_no_pause_is_longer_than_the_longest_of_its_intervals(seed):
    rng = np.random.default_rng(seed)
    times = np.unique(rng.integers(0, 16, 7))
    last = len(times) - 1
    if last < 1:
        return
    first = rng.integers(0, last, rng.integers(0, 5))
    ends = np.array([rng.integers(f + 1, last + 1) for f in first], dtype=np.int64)
    longest = longest_gaps(first, ends, times)
    windows = {(times[f], times[e]) for f, e in zip(first, ends, strict=True)}
    expected = np.zeros(last, dtype=np.int64)
    # Pauses from half a unit before or after any time to half a unit before any other: doubled.
    for begin in range(2 * times[0], 2 * times[-1] + 1):
        for end in range(begin + 1, 2 * times[-1] + 1):
            if any(begin <= 2 * a and 2 * b <= end for a, b in windows):
                continue
            touched = (2 * times[:-1] < end) & (2 * times[1:] > begin)
            expected[touched] = np.maximum(expected[touched], end - begin)
    assert (2 * longest >= expected).all()
    assert (2 * longest <= expected + 2).all()  # pauses that only just hold no window


def test_a_deadline_before_its_arrival_is_refused_in_one_line():
    kind = frontier_of(np.array([1.0]), np.array([1.0]))
    late = np.array([0]), np.array([2_000_000_000]), np.array([1_000_000_000])
    with pytest.raises(InputError, match="deadline at 1 s is not after the arrival at 2 s"):
        tasks_of([kind], *late, 3_000_000_000, 10)
