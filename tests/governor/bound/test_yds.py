"""YDS: published and hand-worked cases, a literal walk over intervals, and a convex solver."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import LinearConstraint, minimize

from dfsrt.base.errors import InputError
from dfsrt.governor.bound import Frontier, frontier_of, yds

GOLDEN = [
    ([(0, 4, 2), (1, 3, 3), (2, 8, 4)], "21/2", "51/4", "3/2"),
    ([(0, 10, 5), (2, 4, 4), (6, 12, 3)], "72/5", "528/25", "2"),
    ([(0, 33, 12), (33, 66, 12), (0, 66, 20), (40, 50, 8)], "1434/35", "39547/1225", "4/5"),
]
"""Jobs, energy for speed², for speed³, and the highest speed; the third: 44 in 56, 8 in 10."""
ELEVEN = [
    (29, 46, 5), (49, 60, 6), (15, 32, 12), (24, 32, 14), (29, 39, 16), (46, 51, 9),
    (31, 46, 8), (45, 59, 10), (6, 21, 20), (33, 48, 5), (21, 27, 1),
]  # fmt: skip


def walked(jobs):
    """Work and speed of each job: the densest interval of all, time shrunk, and again."""
    left, done = [tuple(map(Fraction, job)) for job in jobs], []
    while left:
        spans = [(a, b) for a, _, _ in left for _, b, _ in left if b > a]
        held = [(a, b, [j for j in left if a <= j[0] and j[1] <= b]) for a, b in spans]
        speed, a, b, inside = max(
            (sum(j[2] for j in jobs) / (b - a), a, b, jobs) for a, b, jobs in held if jobs
        )
        done += [(work, speed) for _, _, work in inside]
        for job in inside:
            left.remove(job)
        left = [(shrunk(r, a, b), shrunk(d, a, b), w) for r, d, w in left]
    return done


def shrunk(time, a, b):
    return time if time <= a else max(a, time - (b - a))


def energy(jobs, alpha):
    return sum(work * speed ** (alpha - 1) for work, speed in walked(jobs))


@pytest.mark.parametrize(("jobs", "square", "cube", "top"), GOLDEN)
def test_hand_worked_cases_come_out_to_the_last_digit(jobs, square, cube, top):
    speeds = yds(jobs)
    assert speeds.energy_of_exponent_j(2) == pytest.approx(float(Fraction(square)), rel=1e-12)
    assert speeds.energy_of_exponent_j(3) == pytest.approx(float(Fraction(cube)), rel=1e-12)
    assert speeds.top == pytest.approx(float(Fraction(top)), rel=1e-12)


def test_eleven_jobs_take_what_a_convex_program_found():
    speeds = yds(ELEVEN)
    assert speeds.energy_of_exponent_j(2) == pytest.approx(209.277778, abs=5e-7)
    assert speeds.energy_of_exponent_j(3) == pytest.approx(415.521605, abs=5e-7)
    assert speeds.energy_j(lambda s: s**3) == pytest.approx(float(energy(ELEVEN, 3)), rel=1e-12)
    assert speeds.top == pytest.approx(19 / 9, rel=1e-12)


JOBS = st.lists(
    st.tuples(st.integers(0, 20), st.integers(1, 12), st.integers(1, 15)), min_size=1, max_size=9
).map(lambda jobs: [(r, r + length, w) for r, length, w in jobs])


@given(JOBS)
def test_speeds_are_those_of_the_densest_intervals_one_by_one(jobs):
    speeds = yds(jobs)
    mine = sorted(zip(speeds.work.tolist(), speeds.of_job.tolist(), strict=True))
    for (work, speed), (own_work, own_speed) in zip(sorted(walked(jobs)), mine, strict=True):
        assert (own_work, own_speed) == pytest.approx((float(work), float(speed)), rel=1e-9)


@given(JOBS)
def test_what_intervals_do_is_the_work_of_the_jobs(jobs):
    speeds = yds(jobs)
    assert speeds.of_interval @ np.diff(speeds.times) == pytest.approx(speeds.work.sum())


@given(JOBS, st.integers(0, 8), st.integers(1, 9))
def test_later_deadlines_never_cost_and_more_jobs_always_do(jobs, at, more):
    r, d, w = jobs[at % len(jobs)]
    least = yds(jobs).energy_of_exponent_j(3)
    later = [*jobs, (r, d + more, w)]
    later.remove((r, d, w))
    assert yds(later).energy_of_exponent_j(3) <= least * (1 + 1e-12)
    assert yds([*jobs, (r, d, more)]).energy_of_exponent_j(3) > least


def solved(jobs, alpha):
    """The least energy by a solver for smooth convex programs: work of each job per interval."""
    times = sorted({t for r, d, _ in jobs for t in (r, d)})
    spans = list(pairwise(times))
    cells = [
        (j, i)
        for j, (r, d, _) in enumerate(jobs)
        for i, (a, b) in enumerate(spans)
        if r <= a < b <= d
    ]
    of_interval = np.array([[i == own for _, own in cells] for i in range(len(spans))], dtype=float)
    of_job = np.array([[j == own for own, _ in cells] for j in range(len(jobs))], dtype=float)
    length, work = np.diff(times), np.array([w for _, _, w in jobs], dtype=float)
    start = of_job.T @ (work / of_job.sum(axis=1))
    found = minimize(
        lambda x: (length * (of_interval @ x / length) ** alpha).sum(),
        start,
        jac=lambda x: of_interval.T @ (alpha * (of_interval @ x / length) ** (alpha - 1)),
        bounds=[(0, None)] * len(cells),
        constraints=LinearConstraint(of_job, work, work),
        method="SLSQP",
        options={"ftol": 1e-12, "maxiter": 300},
    )
    return found.fun


def test_a_convex_solver_finds_no_less_on_two_hundred_instances():
    rng = np.random.default_rng(20)
    for _ in range(200):
        release = rng.integers(0, 10, rng.integers(1, 5))
        jobs = [(int(r), int(r + rng.integers(2, 9)), int(rng.integers(1, 9))) for r in release]
        alpha = int(rng.integers(2, 4))
        assert yds(jobs).energy_of_exponent_j(alpha) == pytest.approx(solved(jobs, alpha), rel=1e-6)


@pytest.mark.parametrize(
    ("jobs", "says"),
    [
        ([], "no job given"),
        ([(3, 2, 1)], r"job \(3, 2, 1\) is none; give a release, a later deadline"),
        ([(0, 2, 0)], "work above 0"),
        ([(0, float("inf"), 1)], "is none"),
    ],
)
def test_what_is_no_job_is_refused_in_one_line(jobs, says):
    with pytest.raises(InputError, match=says):
        yds(jobs)


def test_a_power_that_no_speed_is_best_for_is_refused():
    with pytest.raises(InputError, match="alpha 1 is out of range; give more than 1"):
        yds([(0, 1, 1)]).energy_of_exponent_j(1)


# Points of Pillai and Shin: seconds and joules per unit of work at 0.5, 0.75 and 1 GHz.
POINTS = frontier_of(np.array([2.0, 4 / 3, 1.0]), np.array([9.0, 16.0, 25.0]))


def test_a_speed_between_two_points_runs_at_both():
    # 1.5 s for a unit: 3/4 of it at 0.75 GHz, 1/4 at 0.5 GHz.
    assert POINTS.least_j(1.5) == pytest.approx(0.75 * 16 + 0.25 * 9)


def test_a_point_above_the_line_of_its_neighbours_never_helps():
    hull = frontier_of(np.array([1.0, 2.0, 3.0]), np.array([9.0, 8.0, 1.0]))
    assert hull.time_s.tolist() == [1.0, 3.0]


def test_below_the_critical_speed_work_ends_and_waits():
    flat = Frontier(np.array([1.0, 2.0]), np.array([5.0, 6.0]))  # 1 J for a second more
    assert flat.least_j(2.0, idle_w=0.5) == pytest.approx(5.5)
    assert flat.least_j(2.0, idle_w=1.5) == pytest.approx(6.0)
    assert flat.least_j(4.0, idle_w=1.5) == pytest.approx(6.0 + 2 * 1.5)


def test_two_jobs_at_points_by_hand():
    # 4 units in [2, 6] at 1 GHz; 5 units in the other 6 s at 5/6 GHz, between two points.
    speeds = yds([(0, 10, 5), (2, 6, 4)])
    x = (1.2 - 1.0) / (4 / 3 - 1.0)  # share at 0.75 GHz of a unit that takes 1.2 s
    at_points = 4 * 25 + 5 * (x * 16 + (1 - x) * 25)
    assert speeds.energy_at_j(POINTS) == pytest.approx(at_points)
    with_gap = yds([(0, 1, 1), (3, 4, 1)])
    assert with_gap.energy_at_j(POINTS, idle_w=0.5) == pytest.approx(2 * 25 + 2 * 0.5)


def test_less_time_than_the_work_takes_is_refused():
    with pytest.raises(InputError, match=r"0.5 s is less than the 1 s that the work takes"):
        POINTS.least_j(0.5)
