"""One thing that is searched: its range or choices, and how a value is typed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dfsrt.base.errors import InputError
from dfsrt.study.study import Range

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution

Drawn = str | float
"""What Optuna draws: one of the choices, or a number."""
MAX_CHOICES = 1_000


@dataclass(frozen=True, slots=True)
class Dimension:
    """One thing that is varied: ``choices``, or numbers from ``low`` to ``high``.

    ``show`` gives the text that a number is typed as.
    """

    choices: tuple[str, ...] = ()
    low: float = 0.0
    high: float = 0.0
    step: float | None = None
    log: bool = False
    whole: bool = False
    show: Callable[[float], str] = str

    @property
    def text(self) -> str:
        """What is searched, for people."""
        if self.choices:
            return ", ".join(self.choices)
        by = f" by {self.show(self.step)}" if self.step is not None else ""
        return f"{self.show(self.low)} to {self.show(self.high)}{by}{' (log)' if self.log else ''}"

    def distribution(self) -> BaseDistribution:
        """Return the dimension as Optuna knows it."""
        from optuna.distributions import (
            CategoricalDistribution,
            FloatDistribution,
            IntDistribution,
        )

        if self.choices:
            return CategoricalDistribution(self.choices)
        if self.whole:
            step = 1 if self.step is None else int(self.step)
            return IntDistribution(int(self.low), int(self.high), log=self.log, step=step)
        return FloatDistribution(self.low, self.high, log=self.log, step=self.step)

    def typed(self, value: Drawn) -> str:
        """Return a value that Optuna has drawn as the text that a user would type.

        Fractions come with six digits, and the trial runs with just these.
        """
        if isinstance(value, str) or self.choices:
            return str(value)
        if self.whole:
            return self.show(value)
        short = float(f"{value:.6g}")
        return self.show(short if self.low <= short <= self.high else value)


def ranged(
    where: str,
    given: Range,
    parse: Callable[[str], float | None],
    show: Callable[[float], str],
    whole: bool,
    parse_step: Callable[[str], float | None] | None = None,
) -> Dimension:
    """Return numbers between two ends, each read by ``parse`` and shown by ``show``.

    A step is read as an end is where the numbers are ``whole``, else as a bare number, unless
    ``parse_step`` reads it.

    Raises:
        InputError: ends that are none or in the wrong order, or a step that is none.
    """
    low, high = parse(str(given.low)), parse(str(given.high))
    how = parse_step or (parse if whole else None)
    step = None if given.step is None else _step(where, given.step, how)
    if low is None or high is None or not low < high:
        raise InputError(f"{where}: low = {given.low} is not below high = {given.high}; swap them")
    if given.log and (low <= 0 or step is not None):
        raise InputError(f"{where}: log needs low above 0 and no step")
    return Dimension(low=low, high=high, step=step, log=given.log, whole=whole, show=show)


def _step(where: str, given: float | str, parse: Callable[[str], float | None] | None) -> float:
    """Return a step in the parameter's unit; one of a bare number need not be in its range."""
    step = _number(where, given) if parse is None else parse(str(given))
    if not step or step < 0:
        raise InputError(f"{where}: step = {given} is not above 0")
    return step


def _number(where: str, given: float | str) -> float:
    try:
        return float(given)
    except ValueError as error:
        raise InputError(f"{where}: step = '{given}' is no number") from error


def choices(where: str, values: Sequence[object]) -> Dimension:
    """Return choices by their texts; ``where`` begins an error.

    Raises:
        InputError: none, too many, or one twice.
    """
    texts = tuple(str(value) for value in values)
    if not texts or len(set(texts)) < len(texts) or len(texts) > MAX_CHOICES:
        raise InputError(f"{where}: give 1 to {MAX_CHOICES} choices, each once")
    return Dimension(choices=texts)
