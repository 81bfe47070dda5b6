"""Fit: free numbers by least squares, those left out that the data do not decide."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from math import exp

import numpy as np

from dfsrt.base.arrays import Floats
from dfsrt.study.calibration.choose import PredictOf
from dfsrt.study.calibration.parameter import Parameter
from dfsrt.study.calibration.search import (
    CONFIDENCE,
    SURE,
    Interval,
    Problem,
    asks_beyond,
    best,
    error_of,
    interval,
    is_open,
    solve,
    starts_of,
)


@dataclass(frozen=True, slots=True)
class Fit:
    """Coordinates of the free numbers of ``problem``, ``(n_free,)``, and an interval for each.

    ``dropped`` are those that the data do not decide, with the interval that they had;
    ``beyond`` those at an end of their range where the data ask for more.
    """

    problem: Problem
    at: Floats
    intervals: tuple[Interval, ...]
    dropped: Mapping[str, Interval]
    beyond: tuple[Parameter, ...] = ()

    @property
    def values(self) -> dict[str, float]:
        """The free numbers' values."""
        return values_at(self.problem.free, self.at)


def problem_of(
    predict: PredictOf, measured: Floats, free: Sequence[Parameter], base: Mapping[str, float]
) -> Problem:
    """Return the problem of ``free`` numbers, others at ``base``; ``measured`` is ``(n_rows,)``."""
    fixed, parameters = dict(base), tuple(free)

    def at(x: Floats) -> Floats:
        return predict({**fixed, **_raw(parameters, x)})

    return Problem(at, measured, parameters)


def fit(problem: Problem, tried: Collection[str] = ()) -> Fit:
    """Return the fit of what the data decide: the least decided number goes back to its base.

    It goes where the base lies in its interval, and the data do not tell both ends of that: 0 is an
    end that they do not tell. So one by one, all others fitted anew. Numbers that are ``tried``,
    for there are many of them, are to be decided more surely.
    """
    dropped: dict[str, Interval] = {}
    at = best(problem, starts_of(problem))
    while True:
        open_ones = [
            k
            for k, p in enumerate(problem.free)
            if is_open(problem, at, k, SURE if p.name in tried else CONFIDENCE)
        ]
        if not open_ones:
            break
        worst = max(open_ones, key=lambda k: error_of(problem, at, k))
        dropped[problem.free[worst].name] = interval(problem, at, worst)
        problem, at = _without(problem, at, worst)
        at = best(problem, [at, *starts_of(problem)[:2]])
    intervals = tuple(interval(problem, at, k) for k in range(len(problem.free)))
    beyond = tuple(p for k, p in enumerate(problem.free) if asks_beyond(problem, at, k))
    return Fit(problem, at, intervals, dropped, beyond)


def refit(done: Fit, rows: Sequence[int], predict: PredictOf, base: Mapping[str, float]) -> Floats:
    """Return coordinates fitted to some ``rows`` alone, ``(n_free,)``, from the optimum of all.

    ``predict`` is of those rows.
    """
    measured = done.problem.measured[list(rows)]
    problem = problem_of(predict, measured, done.problem.free, base)
    return solve(problem, done.at)


def values_at(free: Sequence[Parameter], at: Floats) -> dict[str, float]:
    """Return the numbers at coordinates, ``(n_free,)``."""
    return {p.name: p.value(float(x)) for p, x in zip(free, at, strict=True)}


def _raw(free: Sequence[Parameter], x: Floats) -> dict[str, float]:
    """Numbers at coordinates that may lie a little outside of their ends."""
    return {p.name: exp(c) - p.soft for p, c in zip(free, x.tolist(), strict=True)}


def _without(problem: Problem, at: Floats, place: int) -> tuple[Problem, Floats]:
    """The problem with one number at its base."""
    whole, start = problem.predict, problem.free[place].start

    def predict(x: Floats) -> Floats:
        return whole(np.insert(x, place, start))

    free = (*problem.free[:place], *problem.free[place + 1 :])
    return replace(problem, predict=predict, free=free), np.delete(at, place)
