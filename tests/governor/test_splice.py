"""Plans spliced from two: in time where the fast one is, and never more than the fast one takes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dfsrt.governor.expected_run import expected_frame
from dfsrt.governor.optimum import Tradeoff
from dfsrt.governor.optimum.splice import spliced
from dfsrt.governor.plan import Plan, uniform
from dfsrt.testing.views import make_view


@pytest.mark.parametrize("seed", range(12))
def test_a_plan_between_two_is_in_time_and_takes_less_energy_than_the_fast_one(seed):
    view = make_view(n_layers=40, n_levels=8, cap_w=1.0 + 0.2 * seed, seed=seed)
    corners = Tradeoff(view, 1e-3).corners(6)
    fast, slow = corners[0], corners[-1]
    for share in (0.2, 0.5, 0.9):
        deadline_ns = fast.time_ns + share * (slow.time_ns - fast.time_ns)
        plan = spliced(view, fast.plan, slow.plan, deadline_ns)
        frame = expected_frame(view, plan)
        assert frame.over_cap == 0
        if {p.tobytes() for p in (plan.level, plan.rail_uv)} != {
            p.tobytes() for p in (slow.plan.level, slow.plan.rail_uv)
        }:
            assert frame.time_ns <= deadline_ns
            assert frame.energy_j <= fast.energy_j * (1 + 1e-9)


def test_the_layer_that_saves_most_time_a_joule_is_made_fast_as_worked_by_hand():
    # One voltage, no stalls. Every second layer runs slow in both plans: pieces of two layers.
    dear = np.array([[1.0, 9.0], [1.0, 3.0], [1.0, 9.0], [1.0, 4.0], [1.0, 9.0], [1.0, 5.0]])
    view = replace(
        make_view(n_layers=6, n_levels=2, cap_w=100.0),
        stall_ns=np.zeros((2, 2), dtype=np.int64),
        duration_ns=np.full((6, 2), 200) // np.array([1, 2]),
        predicted_w=dear[:, :, None],
    )
    fast, slow = Plan(np.array([0, 1] * 3), uniform(view, 0).rail_uv), uniform(view, 0)
    # At 1,100 ns one layer must be fast: layer 1, 100 nJ more; then layer 3, 200 nJ more.
    for deadline_ns, level in (
        (1_200, [0, 0, 0, 0, 0, 0]),
        (1_100, [0, 1, 0, 0, 0, 0]),
        (1_000, [0, 1, 0, 1, 0, 0]),
        (900, [0, 1, 0, 1, 0, 1]),
    ):
        plan = spliced(view, fast, slow, deadline_ns)
        assert plan.level.tolist() == level
