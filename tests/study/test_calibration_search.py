"""Searches and intervals against grids over a roofline that is written out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dfsrt.study.calibration.fit import fit, problem_of
from dfsrt.study.calibration.parameter import Parameter
from dfsrt.study.calibration.search import Problem, asks_beyond, best, interval, starts_of

GCYCLES = np.array([0.1, 1.0, 3.0, 0.2, 2.0, 0.5])
GBYTES = np.array([0.5, 0.2, 0.4, 2.0, 3.0, 0.1])
SPEED = Parameter("speed", 1.0, 0.05, 20.0)
WIDTH = Parameter("width", 1.0, 0.05, 20.0)


def roofline(speed: float, width: float) -> np.ndarray:
    """Seconds of six jobs: the longer of cycles at a speed and bytes at a width."""
    return np.array([max(c / speed, b / width) for c, b in zip(GCYCLES, GBYTES, strict=True)])


def board(speed, width, seed, noise=0.05) -> Problem:
    noisy = np.log(roofline(speed, width)) + np.random.default_rng(seed).normal(0, noise, 6)
    return problem_of(lambda n: np.log(roofline(n["speed"], n["width"])), noisy, (SPEED, WIDTH), {})


def grid_squares(problem, speeds, widths):
    return np.array(
        [[np.square(np.log(roofline(s, w)) - problem.measured).sum() for w in widths]
         for s in speeds]
    )  # fmt: skip


@settings(max_examples=25)
@given(speed=st.floats(0.2, 5.0), width=st.floats(0.2, 5.0), seed=st.integers(0, 10_000))
def test_no_point_of_a_grid_is_closer_than_the_optimum(speed, width, seed):
    problem = board(speed, width, seed)
    at = best(problem, starts_of(problem))
    axis = np.exp(np.linspace(np.log(0.05), np.log(20.0), 121))
    assert problem.squares(at) <= grid_squares(problem, axis, axis).min() * (1 + 1e-4) + 1e-6


@pytest.mark.parametrize("seed", range(6))
def test_an_interval_ends_where_the_best_of_all_others_on_a_grid_is_too_far(seed):
    problem = board(1.3, 0.8, seed)
    at = best(problem, starts_of(problem))
    of = interval(problem, at, 0)
    widths = np.exp(np.linspace(np.log(0.2), np.log(5.0), 1500))
    least = problem.squares(at)
    limit = least + (2.776445 * problem.spread(at)) ** 2  # Student's t, four rows left, 95 %
    for end, inward in ((of.low, 1), (of.high, -1)):
        for x, inside in ((end + inward * 0.01, True), (end - inward * 0.01, False)):
            profile = grid_squares(problem, [np.exp(x)], widths).min()
            assert (profile < limit * 1.001) == inside


def test_a_number_that_moves_nothing_stays_at_the_base_and_is_dropped():
    problem = problem_of(
        lambda n: np.log(GCYCLES / n["speed"]) + 0 * n["width"],
        np.log(GCYCLES / 2.0) + np.array([0.01, -0.01, 0.02, -0.02, 0.01, -0.01]),
        (SPEED, WIDTH),
        {"speed": 1.0, "width": 1.0},
    )
    done = fit(problem)
    assert set(done.dropped) == {"width"}
    assert done.values["speed"] == pytest.approx(2.0, rel=0.02)


def test_a_rate_that_is_told_from_one_side_alone_is_dropped_where_the_base_may_be_true():
    problem = problem_of(  # cycles are longer everywhere: widths above 3.5 change nothing
        lambda n: np.log([max(c / n["speed"], 0.35 / n["width"]) for c in GCYCLES]),
        np.log(GCYCLES) + np.array([0.01, -0.01, 0.02, -0.02, 0.01, -0.01]),
        (SPEED, Parameter("width", 5.0, 0.05, 20.0)),
        {"speed": 1.0, "width": 5.0},
    )
    done = fit(problem)
    of = done.dropped["width"]
    assert (of.low_known, of.high_known) == (True, False)
    assert 3.0 < np.exp(of.low) < 3.6


def test_data_that_ask_for_more_than_a_range_allows_are_told():
    narrow = (Parameter("speed", 1.0, 0.5, 2.0), WIDTH)
    for speed, beyond in ((4.0, True), (1.9, False)):
        problem = Problem(board(speed, 1.0, 1, 0.01).predict, board(speed, 1.0, 1, 0.01).measured,
                          narrow)  # fmt: skip
        at = best(problem, starts_of(problem))
        assert asks_beyond(problem, at, 0) == beyond


def test_intervals_hold_what_was_planted_about_as_often_as_they_say():
    held = []
    for seed in range(200):
        problem = board(1.3, 0.8, seed)
        at = best(problem, starts_of(problem)[:2])
        for place, planted in enumerate((1.3, 0.8)):
            of = interval(problem, at, place)
            held.append(of.low <= np.log(planted) <= of.high)
    assert 0.90 <= np.mean(held) <= 0.99
