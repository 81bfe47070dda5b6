"""Search: the numbers under which a model comes closest to measurements, and how sure they are.

Least squares of the logarithms of predicted over measured: a measurement's error is a share of it,
and a network of 1 ms counts as much as one of 1 s. The loss is plain on purpose: of a dozen
networks often one alone sees a number (the only one with SiLU), and a robust loss would call it an
outlier.

An interval is where the profile likelihood, all other free numbers fitted anew, stays within what
Student's t allows. The model has kinks where another part of a layer becomes the longest: there a
Jacobian at the optimum sees one side only, and its intervals hold too little.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from dfsrt.base.arrays import Floats
from dfsrt.study.calibration.parameter import Parameter

CONFIDENCE = 0.95
SURE = 0.995
"""Confidence at which data decide one of a dozen numbers that are tried: at 95 % chance alone would
exclude the base of one in every other calibration."""
ROUNDING = 1e-4
"""The least spread of residuals that counts: predictions are whole cycles and nanoseconds."""
_PULL = 1e-4
"""Weight of a number's distance from the base over its whole range: decides where data do not."""
_STEP = 1e-4
_STEPS = 8
_APART = 0.05
_NEAR = 3
_FAR = np.log(3.0)
_CLOSE = 0.02

Predict = Callable[[Floats], Floats]
"""Logarithms of predictions, ``(n_rows,)``, at coordinates of the free numbers, ``(n_free,)``."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Ends as coordinates; one that the data do not tell is the range's, and not ``_known``."""

    low: float
    high: float
    low_known: bool
    high_known: bool


@dataclass(frozen=True, slots=True)
class Problem:
    """Measured logarithms, ``(n_rows,)``, what predicts them, and the free numbers."""

    predict: Predict
    measured: Floats
    free: tuple[Parameter, ...]

    def residuals(self, at: Floats) -> Floats:
        """Return predicted less measured logarithms, ``(n_rows,)``."""
        return self.predict(at) - self.measured

    def squares(self, at: Floats) -> float:
        """Return the sum of squares at coordinates, ``(n_free,)``."""
        return float(np.square(self.residuals(at)).sum())

    @property
    def base(self) -> Floats:
        """The base's coordinates, ``(n_free,)``."""
        return np.array([p.start for p in self.free])

    @property
    def freedom(self) -> int:
        """Rows that are left when each free number has had its own."""
        return len(self.measured) - len(self.free)

    def spread(self, at: Floats) -> float:
        """Return the standard deviation of residuals at the optimum, ``(n_free,)``."""
        variance = self.squares(at) / max(self.freedom, 1)
        return float(np.sqrt(variance + ROUNDING**2))


def solve(
    problem: Problem, start: Floats, fixed: int | None = None, wider: int = -1, rough: bool = False
) -> Floats:
    """Return the coordinates of least squares near ``start``, ``(n_free,)``.

    One may be ``fixed`` where it starts, one go ``wider`` than its ends by a factor of two. A
    ``rough`` solution is good enough to tell the best of several.
    """
    from scipy.optimize import least_squares

    moving = np.array([k for k in range(len(start)) if k != fixed], dtype=int)
    if not len(moving):
        return start
    base, (low, high) = problem.base, _bounds(problem, wider)
    width = np.maximum(high - low, 1e-9)
    pulls = np.diag(_PULL / width[moving])

    def whole(x: Floats) -> Floats:
        at = start.copy()
        at[moving] = x
        return at

    def cost(x: Floats) -> Floats:
        return np.concatenate([problem.residuals(whole(x)), pulls @ (x - base[moving])])

    def slopes(x: Floats) -> Floats:
        return np.vstack([jacobian_of(problem.predict, whole(x))[:, moving], pulls])

    inside = np.clip(start, low + 1e-9 * width, high - 1e-9 * width)[moving]
    close, most = (1e-4, 15) if rough else (1e-9, 60) if fixed is None else (1e-6, 30)
    bounds = (low[moving], high[moving])
    done = least_squares(
        cost, inside, slopes, bounds, xtol=close, ftol=close, gtol=1e-10, max_nfev=most
    )
    return whole(done.x)


def best(problem: Problem, starts: Sequence[Floats]) -> Floats:
    """Return the best of the solutions from several ``starts``, ``(n_free,)``."""
    if not problem.free:
        return problem.base
    rough = [solve(problem, start, rough=True) for start in starts]
    first, *others = sorted(rough, key=problem.squares)
    second = next((x for x in others if np.abs(x - first).max() > _APART), first)
    return min((solve(problem, x) for x in (first, second)), key=problem.squares)


def starts_of(problem: Problem, seed: int = 0) -> list[Floats]:
    """Return starts, each ``(n_free,)``: the base, one as slow as measured, others near.

    Of each rate one with that a third: where another part of all layers is longer, nothing moves
    with it, and a search that begins there would never find that it is lower.
    """
    if not problem.free:
        return [problem.base]
    base, (low, high) = problem.base, _bounds(problem)
    slower = float(np.median(-problem.residuals(base)))
    added = np.array([p.low == 0 for p in problem.free])
    scaled = np.clip(np.where(added, base + slower, base - slower), low, high)
    rng = np.random.default_rng(seed)
    near = [scaled + rng.uniform(-1.0, 1.0, len(base)) for _ in range(_NEAR)]
    rates = [base - _FAR * (np.arange(len(base)) == k) for k in np.flatnonzero(~added)]
    return [base, scaled, *(np.clip(x, low, high) for x in (*near, *rates))]


def interval(problem: Problem, at: Floats, place: int) -> Interval:
    """Return the interval of one free number around the optimum ``at``, ``(n_free,)``."""
    low, low_known = _end(problem, at, place, -1)
    high, high_known = _end(problem, at, place, 1)
    return Interval(low, high, low_known, high_known)


def is_open(problem: Problem, at: Floats, place: int, confidence: float = CONFIDENCE) -> bool:
    """Tell whether the data allow a number of ``at``, ``(n_free,)``, its base's value and an end.

    Either end of its range will do: then they do not decide it.
    """
    spread = problem.spread(at)

    def fits(x: float) -> bool:
        start = at.copy()
        start[place] = x
        apart = problem.squares(solve(problem, start, fixed=place)) - problem.squares(at)
        return apart < (_t(problem, confidence) * spread) ** 2

    return fits(problem.free[place].start) and any(fits(end[place]) for end in _bounds(problem))


def asks_beyond(problem: Problem, at: Floats, place: int) -> bool:
    """Tell whether a number of ``at``, ``(n_free,)``, lies at an end and the data ask for more."""
    low, high = (end[place] for end in _bounds(problem))
    if min(at[place] - low, high - at[place]) > 1e-4 * (high - low):
        return False
    relaxed = solve(problem, at, wider=place)
    gain = problem.squares(at) - problem.squares(relaxed)
    return gain > (_t(problem) * problem.spread(relaxed)) ** 2


def _end(problem: Problem, at: Floats, place: int, side: int) -> tuple[float, bool]:
    """One end of an interval, by secants of the deviance's root: it is nearly a straight line."""
    limit, spread, least = _t(problem), problem.spread(at), problem.squares(at)
    ends = _bounds(problem)[0 if side < 0 else 1][place]
    centre, here = at[place], at.copy()

    def root(x: float) -> float:
        nonlocal here
        start = here.copy()
        start[place] = x
        here = solve(problem, start, fixed=place)
        return float(np.sqrt(max(problem.squares(here) - least, 0.0))) / spread

    inner, outer = (centre, 0.0), None
    x = _reach(centre + side * limit * error_of(problem, at, place), centre, ends)
    for _ in range(_STEPS):
        deviance = root(x)
        if abs(deviance - limit) <= _CLOSE * limit:
            return x, True
        if deviance < limit:
            if x == ends:
                return ends, False
            inner = (x, deviance)
        else:
            outer = (x, deviance)
        x = _next(inner, outer, limit, centre, ends)
    return x, True


def _next(
    inner: tuple[float, float],
    outer: tuple[float, float] | None,
    limit: float,
    centre: float,
    end: float,
) -> float:
    """Where the deviance's root may reach ``limit``: between two sides, or further out."""
    if outer is not None:
        share = (limit - inner[1]) / (outer[1] - inner[1])
        return inner[0] + min(max(share, 0.1), 0.9) * (outer[0] - inner[0])
    reach = inner[0] - centre
    factor = min(max(1.05 * limit / max(inner[1], 1e-9), 1.3), 4.0)
    return _reach(centre + factor * reach, centre, end)


def _reach(x: float, centre: float, end: float) -> float:
    """``x``, but no further than ``end``, nor nowhere."""
    if abs(x - centre) < 1e-6:
        x = centre + (1e-3 if end > centre else -1e-3)
    return min(x, end) if end > centre else max(x, end)


def error_of(problem: Problem, at: Floats, place: int) -> float:
    """Return a number's standard error by slopes at ``at``, ``(n_free,)``; its range at most."""
    jacobian = jacobian_of(problem.predict, at)
    width = _bounds(problem)[1] - _bounds(problem)[0]
    information = jacobian.T @ jacobian + np.diag((1e-3 / width) ** 2)
    variance = np.linalg.inv(information)[place, place]
    return float(min(np.sqrt(variance) * problem.spread(at), width[place]))


def jacobian_of(predict: Predict, at: Floats) -> Floats:
    """Return the slopes of predictions in each coordinate at ``at``, ``(n_rows, n_free)``."""
    here, columns = predict(at), []
    for place in range(len(at)):
        ahead = at.copy()
        ahead[place] += _STEP
        columns.append((predict(ahead) - here) / _STEP)
    return np.stack(columns, axis=1)


def _bounds(problem: Problem, wider: int = -1) -> tuple[Floats, Floats]:
    low, high = (np.array(ends) for ends in zip(*(p.ends for p in problem.free), strict=True))
    if wider >= 0:
        low[wider] -= np.log(2)
        high[wider] += np.log(2)
    return low, high


def _t(problem: Problem, confidence: float = CONFIDENCE) -> float:
    """Student's quantile for the rows that are left."""
    from scipy.stats import t

    return float(t.ppf((1 + confidence) / 2, max(problem.freedom, 1)))
