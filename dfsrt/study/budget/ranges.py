"""Ranges: what numbers that nobody has measured make of a cap."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dfsrt.base.ranged import Ranged
from dfsrt.report.schema import AssumedNumber
from dfsrt.study.budget.caps import cap_answer, cap_search
from dfsrt.study.budget.life import Life
from dfsrt.study.budget.lives import Lives
from dfsrt.study.budget.schema import CapRange, NumberCaps
from dfsrt.study.budget.search import Search, search
from dfsrt.study.budget.target import UNEVEN, Target
from dfsrt.study.budget.trial import Trial

TOLERANCE = 0.03
"""Caps that differ by this share or less are not told apart here."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What an assumed number does: its ends that hinder and help, and how much its ends differ."""

    name: str
    number: Ranged
    hinders: float
    helps: float
    size: float


def cap_ranges(
    lives: Lives,
    numbers: Mapping[str, Ranged],
    targets: Sequence[Target],
    answers: Sequence[Search],
    alone: int,
) -> list[CapRange]:
    """Return for each target the caps that assumed numbers leave.

    ``answers`` are the finished searches of the targets. Each number's two ends are tried at the
    cap of the answer; the ``alone`` most influential get caps of their own, and all that move the
    figure are put at their ends together.
    """
    works = [_Work(lives, numbers, t, one, alone) for t, one in zip(targets, answers, strict=True)]
    lives.run([trial for work in works for trial in work.screens()])
    search(lives, [one for work in works for one in work.searches()])
    return [work.range() for work in works]


@dataclass
class _Work:
    """What is looked for at one target."""

    lives: Lives
    numbers: Mapping[str, Ranged]
    target: Target
    answer: Search
    most: int

    @property
    def _cap_w(self) -> float:
        """The cap at which numbers are tried: the answer, else the nearest to the target."""
        met, _ = self.answer.bracket()
        best = self.answer.best()
        return met if met is not None else best[0] if best is not None else math.inf

    def _screen(self, name: str, value: float) -> Trial:
        return Trial(cap_w=self._cap_w, numbers=((name, value),))

    def screens(self) -> list[Trial]:
        ends = [(name, end) for name, n in self.numbers.items() for end in (n.low, n.high)]
        return [self._screen(name, end) for name, end in ends]

    def _effects(self) -> list[Effect]:
        """All numbers that move the figure, the most influential first."""
        effects = [self._effect(name, number) for name, number in self.numbers.items()]
        slack = UNEVEN[self.target.kind]
        return sorted((e for e in effects if e.size > slack), key=lambda e: -e.size)

    def _effect(self, name: str, number: Ranged) -> Effect:
        low, high = (
            self.lives.outcomes[self._screen(name, end)] for end in (number.low, number.high)
        )
        if not (isinstance(low, Life) and isinstance(high, Life)):
            low_helps, size = isinstance(low, Life), math.inf
        else:
            gain, figure = self.target.gain(low, high), self.target.of(low)
            unit = 1.0 if self.target.kind == "skin" else max(abs(figure), 1e-12)
            low_helps, size = gain < 0, abs(gain) / unit
        ends = (number.high, number.low) if low_helps else (number.low, number.high)
        return Effect(name, number, *ends, size)

    def searches(self) -> list[Search]:
        self.effects = self._effects()
        worst = tuple((e.name, e.hinders) for e in self.effects)
        best = tuple((e.name, e.helps) for e in self.effects)
        self.together = [self._search(pairs) for pairs in (worst, best)]
        self.alone = [
            [self._search(((e.name, end),)) for end in (e.number.low, e.number.high)]
            for e in self.effects[: self.most]
        ]
        return [*self.together, *(one for pair in self.alone for one in pair)]

    def _search(self, pairs: tuple[tuple[str, float], ...]) -> Search:
        """A search from three caps on: the ends of what matters, and the answer."""
        scanned = sorted(self.answer.places)
        places = sorted({scanned[0], self._cap_w, scanned[-1]})
        if len(places) == 2:
            places.insert(1, scanned[len(scanned) // 2])
        # Between the highest that matters and none at all lies nothing.
        places = sorted({*places, scanned[-2]})
        return cap_search(self.target, self.lives, places, pairs, TOLERANCE)

    def _figure(self, one: Search) -> float | None:
        """The target's figure at the cap of the answer; None where that cannot run."""
        life = one.life(self._cap_w)
        return self.target.of(life) if isinstance(life, Life) else None

    def range(self) -> CapRange:
        worst, best = (cap_answer(one) for one in self.together)
        return CapRange(
            worst=worst,
            best=best,
            at_worst=self._figure(self.together[0]),
            at_best=self._figure(self.together[1]),
            numbers=len(self.numbers),
            moved=len(self.effects),
            alone=[
                NumberCaps(
                    number=_assumed(effect.name, effect.number),
                    at_low=cap_answer(low),
                    at_high=cap_answer(high),
                    figure_low=self._figure(low),
                    figure_high=self._figure(high),
                )
                for effect, (low, high) in zip(self.effects, self.alone, strict=False)
            ],
            tolerance=TOLERANCE,
        )


def _assumed(name: str, n: Ranged) -> AssumedNumber:
    return AssumedNumber(
        name=name, value=n.value, low=n.low, high=n.high, unit=n.unit, source=n.source
    )
