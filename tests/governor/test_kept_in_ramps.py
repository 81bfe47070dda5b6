"""A plan keeps the cap while the rail moves: worked by hand, and on many small views."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dfsrt.device.rail import Rail
from dfsrt.governor import View, make_governor
from dfsrt.governor.expected_run import expected_frame
from dfsrt.governor.kept import kept_in_ramps
from dfsrt.governor.plan import Plan
from tests.governor.small_views import small_view
from tests.helpers.brute import Brute

LOW, HIGH = 500_000, 1_000_000


def by_hand(cap_w=4.0, second=(1.0, 3.0), **changes):
    """Two layers of 100 ns at two clocks on two voltages; a move takes 50 ns, all of it ramp.

    ``second`` are the watts of layer 1 at its two clocks and 0.5 V; they grow with V².
    """
    at_low = np.array([[1.0, 2.0], list(second)])
    watts = at_low[:, :, None] * np.array([1.0, 4.0])
    watts[:, 1, 0] = np.inf
    watts[1, 1, 0] = np.inf
    view = View(
        freqs_hz=np.array([100, 200]) * 1_000_000,
        rails_uv=np.array([LOW, HIGH]),
        set_points_uv=np.array([LOW, HIGH]),
        duration_ns=np.full((2, 2), 100),
        predicted_w=watts,
        cap_w=cap_w,
        stall_ns=np.zeros((2, 2), dtype=np.int64),
        rail=Rail("r", 0, 1e7, 0, 1.0),
        level=0,
        rail_uv=LOW,
    )
    return replace(view, **changes)


def test_a_falling_rail_is_not_counted_as_already_down():
    view = by_hand(cap_w=8.0)
    plan = Plan(np.array([1, 0]), np.array([HIGH, LOW]))
    # Layer 1 begins at 1 V and has 0.5 V after 50 ns: 1 W there is 1 + 3 · 4/9 W for half the
    # time; the mean of V² from 0.5 to 1 V is 0.5833, a share of 4/9 of the way from 0.25 to 1.
    # Layer 0 waits at its slow clock while the rail climbs: 1 W that grows to 4 W alike.
    each_w = 0.5 * (1 + 3 * 4 / 9) + 0.5 * 1.0
    rising_w = 0.5 * (1 + 3 * 4 / 9) + 0.5 * 4.0
    frame = expected_frame(view, plan)
    assert frame.energy_j == pytest.approx((each_w + rising_w) * 100e-9)
    assert frame.over_cap == 0


@pytest.mark.parametrize(("cap_w", "rails"), [(8.0, [HIGH, LOW]), (1.5, [LOW, LOW])])
def test_a_layer_that_no_clock_saves_has_the_rail_move_earlier(cap_w, rails):
    view = by_hand(cap_w=cap_w)
    kept = kept_in_ramps(view, Plan(np.array([1, 0]), np.array([HIGH, LOW])))
    assert kept.rail_uv.tolist() == rails
    assert expected_frame(view, kept).over_cap == 0


def test_plans_that_hold_one_voltage_or_keep_no_cap_stay_as_they_are():
    view = by_hand(cap_w=0.1)
    still = Plan(np.array([1, 0]), np.array([HIGH, HIGH]))
    assert kept_in_ramps(view, still) is still
    moving = Plan(np.array([1, 0]), np.array([HIGH, LOW]))
    assert kept_in_ramps(replace(view, cap_w=np.inf), moving) is moving


def points_within(view, rng):
    """A plan of points that keep the cap at rest, at random."""
    fits = view.fits()
    fits[~fits.any(axis=(1, 2)), 0, 0] = True
    chosen = [rng.permutation(np.argwhere(layer))[0] for layer in fits]
    level, point = np.array(chosen).T
    return Plan(level, view.set_points_uv[point])


@pytest.mark.parametrize("seed", range(200))
def test_no_layer_breaks_the_cap_in_any_frame_of_a_plan_that_keeps_it_at_rest(seed):
    view, rng = small_view(seed), np.random.default_rng(seed)
    brute = Brute(view)
    for _ in range(5):
        plan = points_within(view, rng)
        kept = kept_in_ramps(view, plan)
        assert (kept.level <= plan.level).all()
        assert (kept.rail_uv <= plan.rail_uv).all()
        assert (view.rails_uv[kept.level] <= kept.rail_uv).all()
        wish = tuple(zip(kept.level.tolist(), kept.rail_uv.tolist(), strict=True))
        state = (wish[0][0], wish[0][1], wish[0][1], 0)
        for _ in range(6):
            frame, state = brute.frame(wish, state)
            assert frame.over == 0


def test_ramps_break_the_cap_of_many_of_these_plans():
    # Or the test above would prove little.
    broken = 0
    for seed in range(200):
        view = small_view(seed)
        plan = points_within(view, np.random.default_rng(seed))
        broken += expected_frame(view, plan).over_cap > 0
    assert broken > 30


@pytest.mark.parametrize("name", ["app-dvfs", "dfs", "dvfs", "segment-dvfs"])
def test_what_a_governor_plans_at_rest_is_kept_in_ramps(name):
    for seed in range(40):
        view = small_view(seed)
        plan = kept_in_ramps(view, make_governor(name).plan(view))
        if not (view.predicted_w[:, 0, 0] > view.cap_w).any():
            assert expected_frame(view, plan).over_cap == 0
