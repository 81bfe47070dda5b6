"""The optimum against brute force, and what it promises of itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dfsrt.base.errors import InputError
from dfsrt.governor import governor_names, make_governor
from dfsrt.governor.expected_run import expected_frame
from dfsrt.governor.optimal import Optimal
from dfsrt.governor.optimum import Budget, Tradeoff
from dfsrt.governor.optimum.goal import priced
from dfsrt.governor.optimum.plans import Plans
from dfsrt.governor.optimum.search import Search
from dfsrt.governor.optimum.space import Space
from dfsrt.governor.plan import Plan
from dfsrt.governor.registry import label
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
def test_the_search_needs_no_help_from_other_governors(seed, monkeypatch):
    powersave = make_governor("powersave")
    monkeypatch.setattr(Plans, "take_simple", lambda self: self.take(powersave.plan(self.view)))
    view = small_view(seed)
    kept = [f for f in Brute(view).frames() if f.over == 0]
    if not kept:
        return
    assert Tradeoff(view).least_time.time_ns == min(f.time_ns for f in kept)
    for price_w in (0.0, 0.2, 5.0):
        want = min(f.energy_j + price_w * 1e-9 * f.time_ns for f in kept)
        found = Tradeoff(view).at_price(price_w)
        assert found.goal == pytest.approx(want, rel=1e-9)
        assert found.bound == pytest.approx(want, rel=1e-9)


@pytest.mark.parametrize("seed", range(500))
def test_bounds_of_value_iteration_lie_below_every_plan(seed):
    # Layers shorter than moves: frames that end in a ramp, or in every state there is.
    view, rng = small_view(seed), np.random.default_rng(seed)
    shorter = np.maximum(view.duration_ns // int(rng.choice([1, 10, 100])), 1)
    view = replace(view, duration_ns=shorter)
    space, plans = Space(view), [make_governor(name).plan(view) for name in ("dfs", "dvfs")]
    for _ in range(20):
        wish = rng.integers(0, len(view.set_points_uv), view.n_layers)
        most = np.searchsorted(view.rails_uv, view.set_points_uv, side="right") - 1
        plans.append(Plan(rng.integers(0, most[wish] + 1), view.set_points_uv[wish]))
    search = Search(space, Budget(), plans.append)
    goals = priced(space, np.array([np.inf, 0.0, 0.3]))
    bounds = []

    def open_(bound):
        bounds.append(bound.copy())
        return np.ones(len(bound))

    search.sweep(goals, open_)
    assert len(bounds) > 2
    for plan in plans:
        frame = expected_frame(view, plan)
        joules, time_ns = np.array(frame.energy_j * 1e9), np.array(frame.time_ns)
        cost = goals.of(joules, time_ns, np.array(frame.over_cap))
        assert (bounds[-1] <= cost * (1 + 1e-9)).all()


@pytest.mark.deep
@pytest.mark.slow
def test_it_is_the_best_of_all_plans_on_many_more_views():
    for seed in range(1_000, 1_900):
        view = small_view(seed)
        brute, found = Brute(view), Tradeoff(view).least_time
        reached = (found.frame.over_cap, found.time_ns)
        assert reached <= brute.least_time(), seed
        assert reached == brute.least_time() or steady_of(brute, found.plan) is None, seed


def test_the_small_views_ramp_and_stall_and_break_caps():
    # Or the tests above would prove little.
    views = [small_view(seed) for seed in SEEDS]
    found = [Tradeoff(view).least_time for view in views]
    assert sum(len(set(s.plan.rail_uv.tolist())) > 1 for s in found) > 20
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
    found, best = tradeoff.least_energy(1), tradeoff.least_time
    assert (found.plan, found.bound) == (best.plan, best.bound)


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


@pytest.mark.parametrize("told", ["time=0s", "memory=0MB", "memory=-1MB", "memory=much"])
def test_a_budget_of_nothing_is_refused(told):
    with pytest.raises(InputError, match=r"zero|above 0|not positive|not a quantity"):
        make_governor(f"optimal:{told}")


def test_a_budget_of_nothing_is_refused_in_python_too():
    for budget in ({"time": 0}, {"memory": 0}):
        with pytest.raises(InputError, match="above 0"):
            Optimal(**budget)


def test_a_budget_reads_back():
    assert label(make_governor("optimal:time=2s:memory=64MB")) == "optimal:time=2000ms:memory=64MB"
    assert label(make_governor("optimal:time=10s:memory=500MB")) == "optimal"


def test_a_search_without_time_gives_the_best_simple_plan_and_an_honest_gap():
    view = make_view(n_layers=60, n_levels=8, cap_w=1.5)
    hasty = Tradeoff(view, budget=Budget(time_ns=1)).least_time
    best = Tradeoff(view).least_time
    assert hasty.bound <= best.time_ns <= hasty.time_ns
    assert hasty.gap > 0


def test_a_search_in_little_memory_keeps_its_bound_below_the_best():
    view = make_view(n_layers=60, n_levels=8, cap_w=1.5)
    small = Tradeoff(view, budget=Budget(memory_bytes=100_000)).least_time
    best = Tradeoff(view).least_time
    assert small.bound <= best.time_ns <= small.time_ns
