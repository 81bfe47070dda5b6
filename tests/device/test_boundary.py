"""What a layer boundary allows, worked by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfsrt.device.boundary import (
    NO_COMMAND,
    RailTimes,
    guaranteed_at,
    highest_level,
    move_ns,
    start_layer,
)

NEEDS = (700_000, 700_000, 750_000, 800_000)
STALL = [0 if a == b else 100 for a in range(4) for b in range(4)]
SLOW = RailTimes(command_ns=1_000, slew_uv_per_us=1_000.0, settle_ns=2_000)
"""50 mV take 1 + 50 + 2 = 53 us."""
FAST = RailTimes(command_ns=0, slew_uv_per_us=1e9, settle_ns=0)


def start(level, rail, wish_level, wish_uv, now=10**6, times=SLOW):
    return start_layer(now, level, *rail, wish_level, wish_uv, STALL, NEEDS, times)


def test_a_move_is_command_then_ramp_then_settling():
    assert move_ns(500, 700_000, 750_000, SLOW) == (1_500, 51_500, 53_500)


def test_a_moving_rail_is_sure_of_its_lower_end_until_it_has_settled():
    assert guaranteed_at(99, 700_000, 750_000, 100) == 700_000
    assert guaranteed_at(100, 700_000, 750_000, 100) == 750_000
    assert guaranteed_at(99, 750_000, 700_000, 100) == 700_000


def test_a_clock_inside_the_voltage_is_had_after_its_stall():
    assert start(0, (700_000, 700_000, 0), 1, 700_000) == (1, 100, NO_COMMAND)


def test_the_same_clock_costs_nothing():
    assert start(1, (700_000, 700_000, 0), 1, 700_000) == (1, 0, NO_COMMAND)


def test_going_up_the_command_is_given_at_once_and_the_old_voltage_bounds_the_clock():
    assert start(0, (700_000, 700_000, 0), 2, 750_000) == (1, 100, 10**6)


def test_a_rail_that_settles_within_the_stall_gives_the_clock_at_once():
    assert start(0, (700_000, 700_000, 0), 2, 750_000, times=FAST) == (2, 100, 10**6)


def test_going_down_the_clock_drops_first_and_then_the_rail():
    assert start(3, (800_000, 800_000, 0), 1, 700_000) == (1, 100, 10**6 + 100)


def test_no_command_is_taken_while_the_rail_moves():
    moving = (700_000, 750_000, 10**6 + 500)
    assert start(1, moving, 1, 700_000) == (1, 0, NO_COMMAND)
    assert start(1, moving, 2, 750_000) == (1, 0, NO_COMMAND)


@given(st.lists(st.integers(1, 10**6), min_size=1).map(sorted), st.integers(0, 10**6))
def test_no_level_above_the_answer_may_run_at_a_voltage(needs, uv):
    allowed = [i for i, need in enumerate(needs) if need <= uv]
    assert highest_level(needs, uv, len(needs) - 1) == (allowed[-1] if allowed else 0)


@pytest.mark.parametrize("uv", [700_000, 749_999, 750_000, 800_000, 900_000])
def test_the_fastest_level_fits_and_the_next_does_not(uv):
    level = highest_level(NEEDS, uv, len(NEEDS) - 1)
    assert NEEDS[level] <= uv
    assert level == 3 or NEEDS[level + 1] > uv
