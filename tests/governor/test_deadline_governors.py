"""Governors of real-time theory: the published example, an exact walk, and what they promise."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import dfsrt
from dfsrt.governor import make_governor
from dfsrt.report.core import report_of
from dfsrt.run import execute, make_job
from dfsrt.run.rules import Drop
from tests.helpers.task_sets import PILLAI_SHIN, UNIT_NS, TaskSet, energy_j, run_task_set
from tests.helpers.textbook import Textbook

EXAMPLE = Path(__file__).parents[2] / "examples" / "pillai-shin"
JOULES = {
    "performance": 175, "rm-static": 175, "edf-static": 112, "edf-cc": 91, "rm-cc": 125,
    "edf-la": 77,
}  # fmt: skip
"""Pillai and Shin, SOSP 2001: 1, 1, 0.64, 0.52, 0.71 and 0.44 of the first."""
OURS = ("edf-static", "edf-cc", "edf-la", "rm-static", "rm-cc")
WHOLE = ((500_000_000, 3_000_000), (800_000_000, 4_000_000), (1_000_000_000, 5_000_000))
"""Clocks at which a unit of work takes whole nanoseconds."""
SPEEDS = ((Fraction(1, 2), 3), (Fraction(4, 5), 4), (Fraction(1), 5))


@pytest.mark.parametrize("pieces", [1, 20], ids=["a layer a unit", "twenty layers a unit"])
@pytest.mark.parametrize("governor", JOULES)
def test_the_published_example_takes_the_published_energy(governor, pieces):
    log = run_task_set(PILLAI_SHIN, governor, pieces=pieces)
    assert energy_j(log) == pytest.approx(JOULES[governor], rel=1e-9)


def test_look_ahead_runs_the_first_task_faster_until_it_is_done_and_all_else_slowly():
    log = run_task_set(PILLAI_SHIN, "edf-la", pieces=1)
    busy = log.layer >= 0
    fast = busy & (log.freq_hz == 750_000_000)
    assert log.end_ns[fast].max() == pytest.approx(2.667e6, rel=1e-3)
    assert (log.freq_hz[busy & ~fast] == 500_000_000).all()


@pytest.mark.parametrize("governor", OURS)
def test_the_published_example_runs_from_its_files(governor):
    job = make_job(EXAMPLE, device="ideal", power_model="datasheet")
    report = report_of(execute(job, governor))
    assert report.energy_j == pytest.approx(JOULES[governor] * 1e-3, rel=1e-6)
    assert report.queue.discipline == governor.partition("-")[0]


@st.composite
def task_sets(draw):
    n = draw(st.integers(1, 4))
    tasks = tuple(
        (draw(st.integers(1, 5)), draw(st.sampled_from([4, 5, 6, 8, 10, 12, 15, 20, 30])))
        for _ in range(n)
    )
    actual = tuple((draw(st.integers(1, c)), draw(st.integers(1, c))) for c, _ in tasks)
    assume(sum(Fraction(c, p) for c, p in tasks) <= 1)
    return TaskSet(tasks, actual, 40)


def finishes(log, tasks):
    """The finish of each invocation in units of time, by task and number."""
    ended = log.requests
    finish = ended.finish_ns[np.argsort(ended.number)].tolist()
    return {
        (task, number): Fraction(ns, UNIT_NS)
        for ns, (_, task, number) in zip(finish, tasks.arrivals(), strict=True)
    }


@settings(max_examples=25, deadline=None)
@given(task_sets(), st.sampled_from(OURS))
def test_any_task_set_runs_as_the_exact_walk_says_and_keeps_its_deadlines(tasks, governor):
    book = Textbook(tasks.tasks, tasks.work, tasks.end, SPEEDS, governor)
    joules, finish = book.run()
    log = run_task_set(tasks, governor, pieces=1, points=WHOLE)
    assert finishes(log, tasks) == finish
    assert energy_j(log) == pytest.approx(joules, rel=1e-9)
    keeps = book.keeps_rm if governor.startswith("rm") else book.keeps_edf
    if keeps(1):
        for (task, number), at in finish.items():
            assert at <= tasks.tasks[task][1] * (number + 1), (task, number)


@settings(max_examples=15, deadline=None)
@given(task_sets())
def test_what_requests_do_not_use_never_costs_energy(tasks):
    static, saving = (
        energy_j(run_task_set(tasks, g, pieces=1, points=WHOLE)) for g in ("edf-static", "edf-cc")
    )
    assert saving <= static * (1 + 1e-12)


@pytest.mark.parametrize("governor", ["edf-cc", "edf-la", "rm-cc", "pace"])
def test_rules_run_the_same_as_plain_python_and_as_machine_code(governor):
    tasks = TaskSet(((1, 5), (3, 12), (4, 15)), ((1, 1), (3, 1), (2, 4)), 60)
    one, two = (
        run_task_set(tasks, governor, pieces=3, compiled=compiled) for compiled in (False, True)
    )
    for name in ("layer", "start_ns", "end_ns", "level", "rail_uv", "energy_j"):
        assert np.array_equal(getattr(one, name), getattr(two, name)), name


@pytest.mark.parametrize("governor", OURS)
def test_more_work_than_time_runs_at_the_fastest_and_is_late_or_dropped(governor):
    tasks = TaskSet(((4, 5), (4, 6)), ((4, 4), (4, 4)), 60)
    kept = run_task_set(tasks, governor, pieces=1)
    busy = kept.layer >= 0
    assert (kept.freq_hz[busy] == 1_000_000_000).mean() > 0.9
    assert (kept.requests.status == 3).all()
    dropped = run_task_set(tasks, governor, pieces=1, drop=Drop.LATE)
    assert 0 < (dropped.requests.status == 4).sum() < len(dropped.requests.status)


def test_without_period_or_deadline_the_fastest_runs():
    job = make_job("cycles:n=1000", device="ideal", frames=3, power_model="datasheet")
    fastest = report_of(execute(job, "performance")).fps
    for name in OURS:
        assert report_of(execute(job, name)).fps == fastest, name


def test_another_order_than_the_governor_plans_for_is_refused():
    with pytest.raises(dfsrt.InputError, match="'edf-cc' plans for discipline edf, not fifo"):
        job = make_job(EXAMPLE, device="ideal", discipline="fifo", power_model="datasheet")
        execute(job, "edf-cc")
    assert make_governor("rm-cc").discipline == "rm"
