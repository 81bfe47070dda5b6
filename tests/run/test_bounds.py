"""What the world leaves the NPU binds every plan, in watts of the NPU's own."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from dfsrt.device import Domain
from dfsrt.governor.plan import Plan
from dfsrt.run.bounds import Bounds, bounded_plan, bounded_view
from dfsrt.run.cap import constant_cap
from dfsrt.run.outlook import first_view
from dfsrt.world.state import FASTEST
from tests.helpers.tiny import tiny_npu, tiny_table

LOW, HIGH = 500_000, 1_000_000
WATTS = np.array(
    [
        # by level: at the low set point, at the high one
        [[0.1, 0.4], [0.2, 0.8], [np.inf, 1.6]],
        [[0.2, 0.5], [0.4, 1.0], [np.inf, 2.0]],
    ]
)
TABLE = tiny_table(tiny_npu(), [400, 400], [100, 100], [0.1, 0.1], WATTS)


def bounded(level, rail_uv, npu_w=math.inf, cap_w=math.inf, max_level=FASTEST, sees_cap=True):
    plan = Plan(np.array(level), np.array(rail_uv))
    found = bounded_plan(plan, TABLE, Domain.NPU, Bounds(cap_w, npu_w, max_level), sees_cap)
    return found.level.tolist(), found.rail_uv.tolist()


def test_a_grant_holds_each_layer_at_the_planned_voltage():
    assert bounded([2, 2], [HIGH, HIGH], npu_w=1.0) == ([1, 1], [HIGH, HIGH])
    assert bounded([2, 2], [HIGH, HIGH], npu_w=0.8) == ([1, 0], [HIGH, HIGH])
    assert bounded([1, 1], [LOW, LOW], npu_w=0.3) == ([1, 0], [LOW, LOW])


def test_nothing_that_fits_is_the_slowest_clock():
    assert bounded([2, 2], [HIGH, HIGH], npu_w=0.01) == ([0, 0], [HIGH, HIGH])


def test_a_grant_never_raises_a_plan():
    assert bounded([0, 1], [HIGH, LOW], npu_w=100.0) == ([0, 1], [HIGH, LOW])


def test_limits_bind_a_governor_that_looks_at_no_cap_where_its_hungriest_layer_fits():
    """Level 1 at its own voltage takes 0.2 W and 0.4 W; the voltage goes with it."""
    for limits in ({"npu_w": 0.4}, {"cap_w": 0.4}):
        assert bounded([2, 2], [HIGH, HIGH], **limits, sees_cap=False) == ([1, 1], [LOW, LOW])
    assert bounded([2, 2], [HIGH, HIGH], npu_w=0.39, sees_cap=False) == ([0, 0], [LOW, LOW])


def test_a_trip_masks_points_with_their_voltage():
    assert bounded([2, 2], [HIGH, HIGH], max_level=1) == ([1, 1], [LOW, LOW])


def viewed(domain, cap_w, npu_w):
    npu_predicted_w = None if domain is Domain.NPU else TABLE.predicted_w
    first = first_view(TABLE, constant_cap(math.inf, domain))
    first = replace(first, npu_predicted_w=npu_predicted_w)
    return bounded_view(first, domain, Bounds(cap_w, npu_w, FASTEST))


@pytest.mark.parametrize("domain", list(Domain))
def test_without_a_cap_the_grant_is_in_the_npus_own_watts_in_every_domain(domain):
    """Levels at their own voltage take 0.1, 0.2, 1.6 W and 0.2, 0.4, 2 W of the NPU's own."""
    view = viewed(domain, math.inf, 0.2)  # nothing is left for DRAM and uncore
    assert view.own_fits().tolist() == [[True, True, False], [True, False, False]]


def test_a_cap_of_the_npu_is_the_lesser_of_cap_and_grant():
    assert viewed(Domain.NPU, 0.5, 0.7).cap_w == 0.5
    assert viewed(Domain.NPU, 0.9, 0.7).cap_w == 0.7


def test_a_cap_of_more_than_the_npu_stays_and_points_over_the_grant_do_not_fit():
    view = viewed(Domain.SYSTEM, 5.0, 0.15)
    assert view.cap_w == 5.0
    assert view.own_fits().tolist() == [[True, False, False], [False, False, False]]
    assert view.own_power_w()[0, 0] > WATTS[0, 0, 0]  # DRAM and uncore come on top
    assert np.isfinite(WATTS[0, 1, 0])  # the table is not written to
