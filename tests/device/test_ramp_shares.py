"""Shares of set points in the time of a ramp: by hand, by sums over small steps, and at rest."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfsrt.device.ramp_shares import Moves, shares_of_time

POINTS = np.array([500_000, 700_000, 1_000_000])


def shares(begin, end, start, stop, from_uv, to_uv):
    moves = Moves(*(np.array([value]) for value in (start, stop, from_uv, to_uv)))
    return shares_of_time(np.array([begin]), np.array([end]), moves, POINTS)[0]


def test_a_whole_ramp_between_neighbours_as_worked_by_hand():
    # Mean of V² from 0.5 to 0.7 V is (0.25 + 0.35 + 0.49) / 3; its place between 0.25 and 0.49.
    upper = ((0.25 + 0.35 + 0.49) / 3 - 0.25) / 0.24
    assert shares(0, 100, 0, 100, 700_000, 500_000) == pytest.approx([1 - upper, upper, 0])


def test_before_and_after_the_ramp_the_voltage_is_that_of_its_ends():
    assert shares(0, 10, 10, 20, 1_000_000, 500_000).tolist() == [0, 0, 1]
    assert shares(20, 30, 10, 20, 1_000_000, 500_000).tolist() == [1, 0, 0]
    assert shares(20, 20, 10, 20, 1_000_000, 500_000).tolist() == [1, 0, 0]
    assert shares(5, 5, 10, 20, 1_000_000, 500_000).tolist() == [0, 0, 1]


def test_no_time_in_a_ramp_is_the_voltage_of_that_instant():
    # Halfway down from 1 V to 0.5 V is 0.75 V, in V² 0.5625 between 0.49 and 1.
    upper = (0.5625 - 0.49) / 0.51
    assert shares(15, 15, 10, 20, 1_000_000, 500_000) == pytest.approx([0, 1 - upper, upper])


@given(
    st.integers(0, 400), st.integers(1, 400), st.integers(0, 300), st.integers(1, 300),
    st.permutations([500_000, 700_000, 1_000_000]),
)  # fmt: skip
def test_the_shares_are_the_mean_of_small_steps_and_add_up_to_one(begin, ran, start, length, uv):
    stop, (from_uv, to_uv, _) = start + length, uv
    found = shares(begin, begin + ran, start, stop, from_uv, to_uv)
    assert found.sum() == pytest.approx(1)
    assert (found >= 0).all()
    at = begin + (np.arange(20_000) + 0.5) * ran / 20_000
    volts = from_uv + np.clip((at - start) / length, 0, 1) * (to_uv - from_uv)
    for watts in np.eye(3):
        want = np.interp(volts**2, POINTS.astype(float) ** 2, watts).mean()
        assert found @ watts == pytest.approx(want, abs=1e-5)
