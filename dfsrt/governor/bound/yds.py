"""YDS: the least energy of jobs with releases and deadlines on one machine of any speed."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from dfsrt.base.arrays import Floats, Ints
from dfsrt.base.errors import InputError
from dfsrt.governor.bound.critical import MOST_PLACES, Intervals, critical
from dfsrt.governor.bound.frontier import Frontier

Job = tuple[float, float, float]
"""Release, deadline and work."""


@dataclass(frozen=True)
class Speeds:
    """The optimal speeds: of each job ``(n_jobs,)``, and of each interval between times.

    ``times`` ``(n_times,)`` are releases and deadlines in order, ``of_interval`` ``(n_times - 1,)``
    the speed between two of them, 0 where nothing runs; ``work`` is that of the jobs.
    """

    work: Floats
    of_job: Floats
    times: Floats
    of_interval: Floats

    @property
    def top(self) -> float:
        """The highest speed."""
        return float(self.of_job.max())

    def energy_j(self, power: Callable[[float], float]) -> float:
        """Return the energy where a speed takes ``power``: convex, and 0 at speed 0."""
        pairs = zip(self.work.tolist(), self.of_job.tolist(), strict=True)
        return math.fsum(work / speed * power(speed) for work, speed in pairs)

    def energy_of_exponent_j(self, alpha: float) -> float:
        """Return the energy where power is speed^``alpha``.

        Raises:
            InputError: an exponent of 1 or less, for which no speed is better than another.
        """
        if not alpha > 1:
            raise InputError(f"alpha {alpha:g} is out of range; give more than 1, like 3")
        return float((self.work * self.of_job ** (alpha - 1)).sum())

    def energy_at_j(self, points: Frontier, idle_w: float = 0.0) -> float:
        """Return the energy at discrete ``points`` of a unit of work, with waiting at ``idle_w``.

        That is the optimum: the line through the points is a convex power, too.

        Raises:
            InputError: a speed above that of the fastest point.
        """
        pairs = zip(self.work.tolist(), self.of_job.tolist(), strict=True)
        work_j = math.fsum(work * points.least_j(1.0 / speed, idle_w) for work, speed in pairs)
        return work_j + idle_w * float(np.diff(self.times)[self.of_interval == 0.0].sum())


def yds(jobs: Iterable[Job]) -> Speeds:
    """Return the speeds that take the least energy for every convex power.

    Preemption is free and speeds are continuous. Times and work are plain numbers, fractions too.

    Raises:
        InputError: no job, one without time or work, or too many different times at once.
    Source: Yao, Demers and Shenker, FOCS 1995; the division is that of Li, Yao and Yao, 2006.
    """
    release, deadline, work = _columns(list(jobs))
    times, place = np.unique(np.concatenate([release, deadline]), return_inverse=True)
    first, last = place[: len(work)], place[len(work) :]
    of_job, of_interval = np.zeros(len(work)), np.zeros(len(times) - 1)
    span = Intervals(first, last, np.diff(times))
    _check_size(span)

    def spread(jobs: Ints, room: float) -> Floats:
        return np.asarray(work[jobs] * (room / work[jobs].sum()))

    for inside, between in critical(span, spread):
        speed = work[inside].sum() / span.length[between].sum()
        of_job[inside], of_interval[between] = speed, speed
    return Speeds(work, of_job, times, of_interval)


def _check_size(span: Intervals) -> None:
    most = max(len(np.unique(c.first)) * len(np.unique(c.last)) for c, *_ in span.parts())
    if most > MOST_PLACES:
        raise InputError(
            f"jobs overlap without a pause at {most:,} pairs of a release and a deadline; allowed "
            f"is {MOST_PLACES:,}: leave out jobs, or round releases down and deadlines up"
        )


def _columns(jobs: Sequence[Job]) -> tuple[Floats, Floats, Floats]:
    """The jobs' columns as floats, each ``(n_jobs,)``, checked."""
    if not jobs:
        raise InputError("no job given; give at least one, like (0, 10, 5)")
    columns = np.array([[float(number) for number in job] for job in jobs])
    for release, deadline, work in columns.tolist():
        if not (np.isfinite((release, deadline, work)).all() and release < deadline and work > 0):
            raise InputError(
                f"job ({release:g}, {deadline:g}, {work:g}) is none; give a release, a later "
                "deadline and work above 0"
            )
    return columns[:, 0], columns[:, 1], columns[:, 2]
