"""The optimum of core and memory together, against brute force, and what it promises of itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dfsrt.governor.expected_run import expected_frame
from dfsrt.governor.joint import at_point, joint_view
from dfsrt.governor.memory_view import MemoryView
from dfsrt.governor.optimum import Budget, Tradeoff, tradeoff_of
from dfsrt.governor.optimum.search import Search
from dfsrt.governor.plan import Plan, uniform
from dfsrt.governor.registry import make_governor
from dfsrt.governor.rest import Rest
from dfsrt.testing.views import make_view
from tests.governor.joint_views import joint_small_view
from tests.governor.small_views import small_view
from tests.helpers.brute_joint import JointBrute

SEEDS = range(200)


@pytest.mark.parametrize("seed", SEEDS)
def test_time_and_energy_are_those_of_the_best_of_all_plans(seed):
    view = joint_small_view(seed)
    brute, tradeoff = JointBrute(view), Tradeoff(view)
    frames = list(brute.frames())
    least = min(f.over for f in frames)
    fitting = [f for f in frames if f.over == least]
    _agrees(brute, tradeoff.least_time, least, min(f.time_ns for f in fitting), "time_ns")
    times = sorted(f.time_ns for f in fitting)
    deadline_ns = times[int((0.1, 0.3, 1.0)[seed % 3] * (len(times) - 1))]
    want = min(f.energy_j for f in fitting if f.time_ns <= deadline_ns)
    found = tradeoff.least_energy(deadline_ns)
    assert found.time_ns <= deadline_ns
    _agrees(brute, found, least, want, "energy_j")
    power = 1 + seed % 2
    want = min(f.energy_j * (f.time_ns * 1e-9) ** power for f in fitting)
    found = tradeoff.least(power)
    assert found.goal <= want * (1 + 1e-9)
    assert found.gap < 1e-8


def _agrees(brute, found, least, want, what):
    frame = brute.steady(brute.plan_of(found.plan))
    assert found.gap < 1e-9
    assert found.frame.over_cap <= least
    if frame is None:
        # Frames that are not all alike may beat every plan whose frames are.
        assert getattr(found, what) <= want * (1 + 1e-9)
    else:
        assert brute.keeps_delay(frame)
        assert getattr(found, what) == pytest.approx(want, rel=1e-9)


def test_the_small_views_change_the_memory_and_wait_for_its_delay():
    # Or the test above would prove little.
    changed = bound = 0
    for seed in range(0, 200, 8):
        view = joint_small_view(seed)
        found = Tradeoff(view).least_time
        hasty = replace(view, memory=replace(view.memory, delay_ns=0))
        changed += len(set(found.plan.memory.tolist())) > 1
        bound += Tradeoff(hasty).least_time.time_ns < found.time_ns
    assert changed > 5
    assert bound > 1


@pytest.mark.parametrize("seed", range(0, 60, 3))
def test_the_expected_frame_of_both_clocks_is_what_plain_loops_give(seed):
    view, rng = joint_small_view(seed), np.random.default_rng(seed)
    brute, n = JointBrute(view), view.n_layers
    for _ in range(4):
        wish = rng.integers(0, len(view.set_points_uv), n)
        most = np.searchsorted(view.rails_uv, view.set_points_uv, side="right") - 1
        memory = rng.integers(0, len(view.memory.freqs_hz), n)
        plan = Plan(rng.integers(0, most[wish] + 1), view.set_points_uv[wish], memory)
        want = brute.steady(brute.plan_of(plan))
        if want is not None:
            found = expected_frame(view, plan)
            assert (found.time_ns, found.over_cap) == (want.time_ns, want.over)
            assert found.energy_j == pytest.approx(want.energy_j, rel=1e-12)
            assert (found.hasty == 0) == brute.keeps_delay(want)


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("delay_ns", [0, 300_000, 10**9])
def test_it_is_never_worse_than_the_optimum_at_any_memory_point(seed, delay_ns):
    view = _with_memory(make_view(n_layers=8, n_levels=4, cap_w=2.0 + seed, seed=seed), delay_ns)
    joint = Tradeoff(view, 1e-3, Budget(10**9))
    for point in range(3):
        held = Tradeoff(at_point(joint_view(view), point), 1e-3)
        if held.least_time.frame.over_cap == 0:
            assert joint.least_time.time_ns <= held.least_time.time_ns
            deadline_ns = held.least_time.time_ns * 1.1
            slack = 1 + 2e-3
            least_j = held.least_energy(deadline_ns).energy_j
            assert joint.least_energy(deadline_ns).energy_j <= least_j * slack
            assert joint.least(1).goal <= held.least(1).goal * slack


def _with_memory(view, delay_ns, scales=(0.4, 0.7, 1.0), stall_ns=20_000, idle_w=(0.1, 0.2, 0.4)):
    """A memory in which layers take longer at lower points, and draw less."""
    rng = np.random.default_rng(view.n_layers)
    bound_ns = rng.integers(1_000, 300_000, view.n_layers)
    duration = np.stack(
        [np.maximum(view.duration_ns, (bound_ns / s).astype(np.int64)[:, None]) for s in scales], 1
    )
    watts = np.stack([view.predicted_w + w for w in idle_w], axis=1)
    memory = MemoryView(
        freqs_hz=np.array([int(s * 1e9) for s in scales]),
        level=len(scales) - 1,
        duration_ns=duration,
        predicted_w=watts,
        stall_ns=stall_ns,
        delay_ns=delay_ns,
        free=True,
        idle_w=np.array(idle_w),
    )
    return replace(view, duration_ns=duration[:, -1], predicted_w=watts[:, -1], memory=memory)


def test_frames_too_short_for_two_changes_hold_one_point_for_certain():
    view = _with_memory(make_view(n_layers=12, n_levels=6, cap_w=5.0), 10**10)
    for found in (Tradeoff(view).least_time, Tradeoff(view).least_energy(5_000_000)):
        assert found.gap < 1e-9
        assert len(set(found.plan.memory.tolist())) == 1


@pytest.mark.parametrize("seed", range(0, 24, 3))
def test_with_one_memory_point_all_is_as_without(seed):
    view = small_view(seed)
    one = MemoryView(
        freqs_hz=np.array([10**9]),
        level=0,
        duration_ns=view.duration_ns[:, None],
        predicted_w=view.predicted_w[:, None],
        stall_ns=1_000,
        delay_ns=1_000,
        free=True,
        idle_w=np.array([0.1]),
    )
    with_, without = Tradeoff(replace(view, memory=one)), Tradeoff(view)
    for a, b in ((with_.least_time, without.least_time), (with_.least(1), without.least(1))):
        assert (a.plan.level.tolist(), a.plan.rail_uv.tolist(), a.plan.memory, a.bound) == (
            b.plan.level.tolist(),
            b.plan.rail_uv.tolist(),
            None,
            b.bound,
        )


@pytest.mark.parametrize("seed", range(0, 40, 2))
def test_bounds_with_locks_in_parts_lie_below_the_best_of_all_plans(seed, monkeypatch):
    monkeypatch.setattr(Search, "_changes", True, raising=False)
    view = joint_small_view(seed)
    found = Tradeoff(view).least_time
    frames = [f for f in JointBrute(view).frames() if f.over <= found.frame.over_cap]
    assert found.bound <= min((f.time_ns for f in frames), default=np.inf)


@pytest.mark.parametrize("seed", range(12))
def test_with_a_period_idle_time_stands_at_the_first_layers_memory_point(seed):
    """One voltage and changes that are free: every plan by plain sums, idle standby included."""
    rng = np.random.default_rng(seed)
    n, levels, memories, period_ns = 2, 2, 2, 400_000
    view = small_view(0, shape=(n, levels, 1), period_ns=period_ns, cap_w=float("inf"))
    duration = rng.integers(5_000, 90_000, (n, memories, levels))
    watts = rng.uniform(0.1, 2.0, (n, memories, levels, 1))
    idle_w, stalls = np.array([0.0, float(rng.uniform(0, 1))]), view.stall_ns
    memory = MemoryView(np.array([5, 9]) * 10**8, 1, duration, watts, 2_000, 10_000, True, idle_w)
    view = replace(
        view, duration_ns=duration[:, 1], predicted_w=watts[:, 1], memory=memory,
        rest=Rest((0.05 + idle_w[1],)),
    )  # fmt: skip
    want = np.inf
    for a, m, b, k in np.ndindex(levels, memories, levels, memories):
        stall = [int(stalls[b, a]), int(stalls[a, b]) + 2_000 * (m != k)]
        if m != k and duration[0, m, a] + stall[0] < 10_000:
            continue
        time_ns = duration[0, m, a] + duration[1, k, b] + sum(stall)
        joules = watts[0, m, a, 0] * duration[0, m, a] + watts[1, k, b, 0] * duration[1, k, b]
        joules += watts[0, m, 0, 0] * stall[0] + watts[1, k, 0, 0] * stall[1]
        want = min(want, joules + (0.05 + idle_w[m]) * (period_ns - time_ns))
    tradeoff = Tradeoff(view)
    found = tradeoff.least(0)
    assert tradeoff.aim(0).energy_j(found.frame) == pytest.approx(want * 1e-9, rel=1e-9)
    assert found.gap < 1e-9
    # One that says no memory point leaves it at the highest, idle time too.
    plain = uniform(view, 0)
    told = replace(plain, memory=np.array([1, 1]))
    frames = [expected_frame(view, plan) for plan in (plain, told)]
    assert len({tradeoff.aim(0).energy_j(frame) for frame in frames}) == 1


@pytest.mark.parametrize("seed", range(4))
def test_with_a_period_the_search_among_labels_finds_what_it_certifies(seed):
    view = _with_memory(make_view(n_layers=7, n_levels=4, cap_w=1.2, seed=seed), 60_000)
    view = replace(view, period_ns=10_000_000, rest=Rest((0.5,) * len(view.set_points_uv)))
    found = Tradeoff(view).least(0)
    assert found.gap < 1e-3
    assert found.frame.hasty == 0


def test_a_plan_that_changes_the_memory_before_it_may_says_so():
    view = _with_memory(make_view(n_layers=4, n_levels=3, cap_w=50.0), 10**9)
    plan = replace(uniform(view, 0), memory=np.array([0, 0, 2, 2]))
    assert expected_frame(view, plan).hasty == 2
    assert expected_frame(view, uniform(view, 0)).hasty == 0


def test_the_governor_says_both_clocks_where_it_may_choose_and_one_where_not():
    view = _with_memory(make_view(n_layers=6, n_levels=4, cap_w=50.0), 0)
    free = make_governor("optimal").plan(view)
    held = make_governor("optimal").plan(replace(view, memory=replace(view.memory, free=False)))
    assert free.memory.tolist() == [2] * 6  # nothing is faster than the highest
    assert held.memory is None


def test_what_was_found_is_known_again_whatever_point_the_memory_is_at_now():
    view = _with_memory(make_view(n_layers=4, n_levels=3, cap_w=50.0), 0)
    elsewhere = replace(view, level=1)
    assert tradeoff_of(view) is tradeoff_of(elsewhere)
    dearer = replace(view, memory=replace(view.memory, delay_ns=77))
    assert tradeoff_of(view) is not tradeoff_of(dearer)
