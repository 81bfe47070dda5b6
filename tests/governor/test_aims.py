"""Least energy times time, and energy of whole periods, against every plan there is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dfsrt.base.errors import InputError
from dfsrt.governor import make_governor
from dfsrt.governor.optimum import Tradeoff
from dfsrt.governor.rest import Rest, Way
from tests.governor.small_views import small_view
from tests.helpers.brute import Brute


@pytest.mark.parametrize("seed", range(24))
def test_energy_times_time_is_least_of_all_plans(seed):
    view = small_view(seed)
    frames = list(Brute(view).frames())
    least = min(f.over for f in frames)
    tradeoff = Tradeoff(view)
    for power in (1, 2):
        want = min(f.energy_j * (f.time_ns * 1e-9) ** power for f in frames if f.over == least)
        found = tradeoff.least(power)
        assert found.frame.over_cap <= least
        if least == 0:  # a plan whose frames are not all alike may be better than all of these
            assert found.goal <= want * (1 + 1e-9)
            assert found.bound <= want * (1 + 1e-9)
            assert found.gap < 1e-9


def clocked(seed):
    """A view of frames that come by the clock, and what is idle between: a state, or none."""
    view, rng = small_view(seed), np.random.default_rng(seed)
    slowest = int(view.duration_ns.max(axis=1).sum() + 10 * view.stall_ns.max())
    up_w = tuple(np.sort(rng.uniform(0.01, 0.4, len(view.set_points_uv))).tolist())
    way = Way(int(rng.choice([0, 30_000])), 20_000, 1e-9 * rng.uniform(100, 4_000), 0.002)
    rest = Rest(up_w, (way,) if seed % 2 else (), waits=way.after_ns > 0)
    period_ns = int(slowest * rng.uniform(1.0, 2.5)) + int(view.move_ns().max())
    return replace(view, period_ns=period_ns, rest=rest)


def rested(brute, plan, view):
    """A plan's frame where the rail settles before the next, and the joules of its whole period."""
    state = (plan[0][0], plan[0][1], plan[0][1], 0)
    for _ in range(4):
        frame, (level, _, target, _) = brute.frame(plan, state)
        if state == (level, target, target, 0):
            up_w = view.rest.up_w[brute.points.index(target)]
            gap_s = (view.period_ns - frame.time_ns) * 1e-9
            idle_j = [up_w * gap_s]
            for way in view.rest.ways:
                asleep_s = gap_s - (way.after_ns + way.moving_ns) * 1e-9
                late_j = way.moving_j + way.power_w * max(asleep_s, 0.0)
                late_j += up_w * way.after_ns * 1e-9
                if view.rest.waits and gap_s * 1e9 > way.after_ns:
                    idle_j = [late_j]
                elif not view.rest.waits and asleep_s >= 0:
                    idle_j.append(late_j)
            return frame, frame.energy_j + min(idle_j)
        state = (level, target, target, 0)
    return None


@pytest.mark.parametrize("seed", range(24))
def test_energy_of_a_period_is_near_the_least_of_all_plans_and_its_bound_below(seed):
    view = clocked(seed)
    brute, tradeoff = Brute(view), Tradeoff(view)
    every = [found for plan in brute.plans() if (found := rested(brute, plan, view))]
    kept = [(f.time_ns, joules) for f, joules in every if f.over == 0 and not f.first_over]
    if not kept:
        return
    for power in (0, 1, 2):
        want = min(joules * (ns * 1e-9) ** power for ns, joules in kept if ns <= view.period_ns)
        found = tradeoff.least(power, view.period_ns)
        assert found.bound <= want * (1 + 1e-9)
        assert found.goal >= found.bound * (1 - 1e-12)
        assert found.goal <= want * 1.01
        near = found.gap < 1e-3 or found.goal == pytest.approx(want, rel=1e-9)
        assert near or found.gap < 0.1


def test_without_idle_power_a_period_is_a_deadline():
    view = replace(small_view(3), period_ns=200_000)
    free = replace(view, rest=Rest((0.0,) * len(view.set_points_uv)))
    plain, idle = (Tradeoff(v).least(0, v.period_ns) for v in (view, free))
    assert (plain.time_ns, plain.energy_j) == (idle.time_ns, idle.energy_j)


def test_idle_time_by_hand():
    rest = Rest((0.1, 0.2), (Way(0, 10_000, 2e-6, 0.01), Way(0, 100_000, 4e-6, 0.0)))
    assert rest.gap_j(0, 8_000) == pytest.approx(0.1 * 8e-6)  # too short for any state
    assert rest.gap_j(0, 21_000) == pytest.approx(0.1 * 21e-6)  # 2.1 uJ: 2.11 by the first state
    assert rest.gap_j(1, 21_000) == pytest.approx(2e-6 + 0.01 * 11e-6)
    assert rest.gap_j(1, 1_000_000) == pytest.approx(4e-6)
    waits = Rest((0.1,), (Way(50_000, 10_000, 2e-6, 0.01),), waits=True)
    assert waits.gap_j(0, 50_000) == pytest.approx(0.1 * 50e-6)
    assert waits.gap_j(0, 160_000) == pytest.approx(0.1 * 50e-6 + 2e-6 + 0.01 * 100e-6)


def test_goals_are_said_where_one_is_wrong():
    with pytest.raises(InputError, match="edp"):
        make_governor("optimal:goal=etp")
