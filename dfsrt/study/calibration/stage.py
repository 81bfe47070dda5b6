"""Stage: times, or energies, fitted and scored, each by the same steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from dfsrt.base.arrays import Floats
from dfsrt.base.errors import InputError
from dfsrt.base.names import unknown_name
from dfsrt.study.calibration.choose import PredictOf, choose, slopes_of, told_apart, unseen
from dfsrt.study.calibration.fit import Fit, fit, problem_of, refit, values_at
from dfsrt.study.calibration.parameter import Parameter
from dfsrt.study.calibration.search import ROUNDING, Interval, best, starts_of

NOT_SEEN, TOO_MANY, HARDLY, WIDE = "not seen", "too many", "hardly", "wide"
_FAR = 4.0
"""Times by which a row alone widens the spread of all, if it contradicts them."""
NOT_TOLD = "not told apart from"
"""Why a number is undecided."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Measured logarithms of a ``quantity``, ``(n_rows,)``, and what predicts them from numbers.

    ``kept`` returns the same of some rows alone. ``core`` are the numbers that come first,
    ``others`` those that may follow, ``asked`` those that are fitted by name only. ``base`` has
    all numbers.
    """

    quantity: str
    predict: PredictOf
    measured: Floats
    kept: Callable[[Sequence[int]], PredictOf]
    core: tuple[Parameter, ...]
    others: tuple[Parameter, ...]
    asked: tuple[Parameter, ...]
    base: Mapping[str, float]

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """All numbers that may be fitted."""
        return (*self.core, *self.others, *self.asked)


@dataclass(frozen=True, slots=True)
class Done:
    """A stage's fit; ``reasons`` for numbers that are undecided.

    ``left_out`` is what a fit without each row's group says of it, ``others_missed`` how far that
    misses the other rows, ``scaled`` what one factor says of it, each ``(n_rows,)``.
    """

    fit: Fit
    reasons: Mapping[str, str]
    left_out: Floats
    others_missed: Floats
    scaled: Floats

    def alone(self) -> int | None:
        """Return the row that contradicts all others; None where there is none.

        A fit without it meets the others far better than the fit of all, and misses it by more
        than a factor of two.
        """
        residuals = self.fit.problem.residuals(self.fit.at)
        spread = float(np.sqrt(np.square(residuals).mean()))
        apart = np.abs(self.left_out - self.fit.problem.measured)
        odd = (apart > np.log(2)) & (spread > _FAR * np.maximum(self.others_missed, ROUNDING))
        return int(np.argmax(np.where(odd, apart, 0.0))) if odd.any() else None

    @property
    def values(self) -> dict[str, float]:
        """The fitted numbers."""
        return self.fit.values


def run_stage(
    stage: Stage, groups: Sequence[str], wanted: Sequence[str] | None, held: Sequence[str]
) -> Done:
    """Return the fit of a stage, and what it says of each group that it has not seen.

    Raises:
        InputError: fewer rows than numbers.
    """
    done, reasons = fit_stage(stage, wanted, held)
    return Done(done, reasons, *_left_out(stage, done, groups), _scaled(stage, groups))


def fit_stage(
    stage: Stage, wanted: Sequence[str] | None, held: Sequence[str]
) -> tuple[Fit, dict[str, str]]:
    """Return the fit of a stage alone, and why numbers are undecided.

    ``wanted`` names the numbers to fit; None leaves the choice to what the rows can tell. Where
    some turn out undecided, others take their places.

    Raises:
        InputError: fewer rows than numbers.
    """
    dropped: dict[str, str] = {}
    while True:
        chosen, reasons = _chosen(stage, wanted, [*held, *dropped])
        problem = problem_of(stage.predict, stage.measured, chosen, stage.base)
        done = fit(problem, () if wanted is not None else {p.name for p in stage.others})
        dropped |= {name: _why_wide(name, of, stage) for name, of in done.dropped.items()}
        if wanted is not None or not done.dropped or not _may_refill(stage, dropped, reasons):
            break
    return done, {**reasons, **dropped}


def most_of(rows: int) -> int:
    """Return how many numbers so many rows may carry: half, others are left to judge by."""
    return max(1, min(rows - 1, (rows + 1) // 2))


def matching(patterns: Sequence[str], names: Sequence[str], option: str) -> list[str]:
    """Return the names that each pattern means: a whole one, its end, or a table's beginning.

    Raises:
        InputError: a pattern that means none.
    """
    meant: list[str] = []
    for pattern in patterns:
        fits = [n for n in names if n == pattern or n.startswith(f"{pattern}.")]
        fits = fits or [n for n in names if f".{pattern}." in f".{n}."]
        if not fits:
            raise InputError(f"{option}: {unknown_name('number to fit', pattern, names)}")
        meant += [n for n in fits if n not in meant]
    return meant


def _chosen(
    stage: Stage, wanted: Sequence[str] | None, held: Sequence[str]
) -> tuple[list[Parameter], dict[str, str]]:
    rows = len(stage.measured)
    by_name = {p.name: p for p in stage.parameters}
    core = [p for p in stage.core if p.name not in held]
    at = _core_optimum(stage, core if wanted is None else [by_name[n] for n in wanted])
    if wanted is not None:
        return _asked(stage, [by_name[n] for n in wanted], at)
    others = [p for p in stage.others if p.name not in held]
    seen = [p for p in (*core, *others) if not unseen(stage.predict, p, at)]
    most = most_of(rows)
    slopes = slopes_of(stage.predict, seen, at)
    first, then = ([p for p in seen if p in some] for some in (core, others))
    chosen = choose(first, then, slopes, most)
    reasons = {p.name: NOT_SEEN for p in (*core, *others) if p not in seen}
    for p in seen:
        if p not in chosen:
            rival = told_apart(p, chosen, slopes)
            full = TOO_MANY if len(chosen) == most else HARDLY
            reasons[p.name] = f"{NOT_TOLD} {rival}" if rival else full
    return chosen, reasons


def _may_refill(stage: Stage, dropped: Mapping[str, str], reasons: Mapping[str, str]) -> bool:
    """Whether others may take the places of undecided numbers.

    Not where one of the first is undecided: rows that cannot tell an overhead or an efficiency
    would tell another number by chance alone.
    """
    return bool(reasons) and not {p.name for p in stage.core} & set(dropped)


def _asked(
    stage: Stage, asked: Sequence[Parameter], at: Mapping[str, float]
) -> tuple[list[Parameter], dict[str, str]]:
    seen = [p for p in asked if not unseen(stage.predict, p, at)]
    rows = len(stage.measured)
    if len(seen) >= rows:
        raise InputError(
            f"{rows} independent measurements cannot tell {len(seen)} numbers "
            f"({', '.join(p.name for p in seen)}); give at least {len(seen) + 1}, or --fit fewer"
        )
    return seen, {p.name: NOT_SEEN for p in asked if p not in seen}


def _core_optimum(stage: Stage, core: Sequence[Parameter]) -> dict[str, float]:
    """The numbers where the first few are fitted: kinks lie elsewhere than in the base."""
    at = dict(stage.base)
    seen = [p for p in core if not unseen(stage.predict, p, at)][: len(stage.measured) - 1]
    if seen:
        problem = problem_of(stage.predict, stage.measured, seen, stage.base)
        at |= values_at(seen, best(problem, starts_of(problem)))
    return at


def _why_wide(name: str, of: Interval, stage: Stage) -> str:
    parameter = next(p for p in stage.parameters if p.name == name)
    low, high = parameter.value(of.low), parameter.value(of.high)
    if of.low_known:
        return f"the data say {low:.3g} or more"
    if of.high_known:
        return f"the data say {high:.3g} or less"
    return WIDE


def _left_out(stage: Stage, done: Fit, groups: Sequence[str]) -> tuple[Floats, Floats]:
    """What a fit without each row's group says of it, and how far that misses all others.

    Both are ``(n_rows,)``; misses are the root of their mean square.
    """
    predicted, missed = np.zeros(len(groups)), np.zeros(len(groups))
    for group in dict.fromkeys(groups):
        rest = [n for n, g in enumerate(groups) if g != group]
        out = [n for n, g in enumerate(groups) if g == group]
        of_rest = stage.kept(rest)
        at = refit(done, rest, of_rest, stage.base)
        numbers = {**stage.base, **values_at(done.problem.free, at)}
        predicted[out] = stage.kept(out)(numbers)
        missed[out] = np.sqrt(np.square(of_rest(numbers) - stage.measured[rest]).mean())
    return predicted, missed


def _scaled(stage: Stage, groups: Sequence[str]) -> Floats:
    """What one factor on the base's predictions says, from the other groups, ``(n_rows,)``."""
    base = stage.predict(stage.base)
    apart = stage.measured - base
    of = np.array(groups)
    return np.array([base[n] + apart[of != group].mean() for n, group in enumerate(groups)])
