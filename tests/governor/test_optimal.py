"""The optimum against brute force, and what it promises of itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dfsrt.governor import governor_names, make_governor
from dfsrt.governor.expected_run import expected_frame
from dfsrt.governor.optimum import Tradeoff
from dfsrt.governor.optimum.cycle import best_cycle
from dfsrt.governor.optimum.problem import Problem
from dfsrt.governor.plan import Plan
from dfsrt.testing.views import make_view
from tests.governor.small_views import small_view
from tests.helpers.brute import Brute

SEEDS = range(240)


def steady_of(brute, plan):
    """The steady frame of a plan, or None where its frames do not come to be alike."""
    return brute.steady(tuple(zip(plan.level.tolist(), plan.rail_uv.tolist(), strict=True)))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_expected_frame_is_what_plain_loops_give(seed):
    view = small_view(seed)
    brute, rng = Brute(view), np.random.default_rng(seed)
    for _ in range(5):
        wish = rng.integers(0, len(view.set_points_uv), view.n_layers)
        most = np.searchsorted(view.rails_uv, view.set_points_uv, side="right") - 1
        plan = Plan(rng.integers(0, most[wish] + 1), view.set_points_uv[wish])
        want = steady_of(brute, plan)
        if want is not None:
            found = expected_frame(view, plan)
            assert (found.time_ns, found.over_cap) == (want.time_ns, want.over)
            assert found.energy_j == pytest.approx(want.energy_j, rel=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_least_time_is_that_of_the_best_of_all_plans(seed):
    view = small_view(seed)
    brute, found = Brute(view), Tradeoff(view).least_time
    over, time_ns = brute.least_time()
    assert found.gap == 0
    if steady_of(brute, found.plan) is None:
        # A plan whose frames are not all alike may beat every one whose frames are.
        assert (found.frame.over_cap, found.time_ns) <= (over, time_ns)
    else:
        assert (found.frame.over_cap, found.time_ns) == (over, time_ns)


@pytest.mark.parametrize("seed", SEEDS)
def test_least_energy_in_a_time_is_that_of_the_best_of_all_plans(seed):
    view = small_view(seed)
    brute, tradeoff = Brute(view), Tradeoff(view)
    frames = list(brute.frames())
    least = min(f.over for f in frames)
    times = sorted(f.time_ns for f in frames if f.over == least)
    for share in (0.0, 0.3, 1.0):
        deadline_ns = times[int(share * (len(times) - 1))]
        want = min(f.energy_j for f in frames if f.time_ns <= deadline_ns and f.over == least)
        found = tradeoff.least_energy(deadline_ns)
        assert found.gap < 1e-9
        assert found.frame.over_cap == least
        assert found.time_ns <= deadline_ns
        if steady_of(brute, found.plan) is None:
            assert found.energy_j <= want * (1 + 1e-9)
        else:
            assert found.energy_j == pytest.approx(want, rel=1e-9)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_search_needs_no_help_from_other_governors(seed):
    view = small_view(seed)
    frames = list(Brute(view).frames())
    kept = [f for f in frames if f.over == 0]
    if not kept:
        return
    assert best_cycle(Problem(view)).cost == min(f.time_ns for f in kept)
    for price_w in (0.0, 0.2, 5.0):
        want = min(f.energy_j + price_w * 1e-9 * f.time_ns for f in kept)
        found = best_cycle(Problem(view, price_w))
        assert found.cost == pytest.approx(want, rel=1e-9)
        assert found.bound == pytest.approx(want, rel=1e-9)


@pytest.mark.slow
def test_it_is_the_best_of_all_plans_on_many_more_views():
    for seed in range(1_000, 4_000):
        view = small_view(seed)
        brute, found = Brute(view), Tradeoff(view).least_time
        reached = (found.frame.over_cap, found.time_ns)
        assert reached <= brute.least_time(), seed
        assert reached == brute.least_time() or steady_of(brute, found.plan) is None, seed


def test_the_small_views_ramp_and_stall_and_break_caps():
    # Or the tests above would prove little.
    views = [small_view(seed) for seed in SEEDS]
    found = [Tradeoff(view).least_time for view in views]
    assert sum(len(set(s.plan.rail_uv.tolist())) > 1 for s in found) > 30
    assert sum(len(set(s.plan.level.tolist())) > 1 for s in found) > 60
    assert sum((view.predicted_w[:, 0, 0] > view.cap_w).any() for view in views) > 20


@pytest.mark.parametrize("seed", range(40))
def test_no_open_loop_governor_beats_it_on_its_own_terms(seed):
    view = make_view(n_layers=30, n_levels=8, cap_w=0.6 + 0.1 * seed, seed=seed)
    tradeoff = Tradeoff(view)
    best = tradeoff.least_time
    for name in governor_names():
        frame = expected_frame(view, make_governor(name).plan(view))
        assert (best.frame.over_cap, best.time_ns) <= (frame.over_cap, frame.time_ns), name
        if frame.over_cap == 0:
            least = tradeoff.least_energy(frame.time_ns)
            assert least.energy_j <= frame.energy_j * (1 + 1e-9), name


@pytest.mark.parametrize("seed", [*range(11), pytest.param(11, marks=pytest.mark.slow)])
def test_the_gap_stays_within_a_thousandth_on_a_network_of_ordinary_size(seed):
    view = make_view(n_layers=120, n_levels=8, cap_w=0.8 + 0.2 * seed, seed=seed)
    tradeoff = Tradeoff(view, 5e-4)
    least_ns = tradeoff.least_time.time_ns
    assert tradeoff.least_time.gap <= 1e-3
    for slower in (1.0, 1.03, 1.2):
        assert tradeoff.least_energy(least_ns * slower).gap <= 1e-3


def test_a_deadline_that_nothing_meets_gives_the_least_time():
    view = small_view(3)
    tradeoff = Tradeoff(view)
    assert tradeoff.least_energy(1) is tradeoff.least_time


def test_the_corners_of_the_frontier_fall_in_energy_ever_more_slowly():
    corners = Tradeoff(make_view(n_layers=40, n_levels=8, cap_w=1.5)).corners()
    time = np.array([c.time_ns for c in corners])
    energy = np.array([c.energy_j for c in corners])
    assert len(corners) > 3
    assert (np.diff(time) > 0).all()
    slopes = np.diff(energy) / np.diff(time)
    assert (slopes < 0).all()
    assert (np.diff(slopes) > -1e-18).all()


def test_the_governor_takes_its_deadline_from_the_period():
    view = make_view(n_layers=12, n_levels=8, cap_w=5.0)
    fast = make_governor("optimal").solve(view)
    period_ns = int(fast.time_ns * 1.1)
    told = make_governor(f"optimal:goal=energy:deadline={period_ns * 1e-6:.12g}ms").solve(view)
    asked = make_governor("optimal:goal=energy").solve(replace(view, period_ns=period_ns))
    free = make_governor("optimal:goal=energy").solve(view)
    assert told.time_ns <= period_ns
    assert asked.time_ns <= period_ns
    assert free.energy_j < told.energy_j < fast.energy_j
    assert asked.energy_j >= told.energy_j


def test_equal_times_are_decided_by_energy():
    # Bound by memory: every clock takes the same time, the lowest draws least.
    view = make_view(n_layers=6, n_levels=6)
    view = replace(view, duration_ns=np.full_like(view.duration_ns, 50_000))
    assert make_governor("optimal").plan(view).level.tolist() == [0] * 6
