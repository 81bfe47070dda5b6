"""Searches: how far one thing may go before a target is missed."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from dfsrt.study.budget.life import Life, Outcome
from dfsrt.study.budget.lives import Lives
from dfsrt.study.budget.target import UNEVEN, Target
from dfsrt.study.budget.trial import Trial

MOST_STEPS = 12
"""Runs of a search beside those that it begins with."""
Verdict = Literal["just", "always", "never"]
Middle = Callable[["Search", float, float], float | None]
"""Where to look between a place that meets the target and one that misses it; None: near enough."""


@dataclass
class Search:
    """Looks for the last of places that meets a target; ``places`` go from the easiest on.

    ``places`` are tried at first, all of them, then the ``middle`` of the last that meets the
    target and the next one, until these are near enough. ``step`` is 1 where places ascend.
    """

    target: Target
    lives: Lives
    places: Sequence[float]
    trial_at: Callable[[float], Trial]
    middle: Middle
    step: int = 1

    def outcomes(self) -> list[tuple[float, Outcome]]:
        """The places that have been tried, from the easiest on, with what came of them."""
        return [(place, self.lives.outcomes[self.trial_at(place)]) for place in self._tried]

    def __post_init__(self) -> None:
        self._tried: list[float] = []

    def wanted(self) -> list[Trial]:
        """Return the next trials; none where the search has ended."""
        new = [p for p in self.places if p not in self._tried] or self._between()
        self._tried = sorted([*self._tried, *new], key=lambda place: self.step * place)
        return [self.trial_at(place) for place in new]

    def _between(self) -> list[float]:
        met, missed = self.bracket()
        if met is None or missed is None or len(self._tried) >= len(self.places) + MOST_STEPS:
            return []
        place = self.middle(self, met, missed)
        return [] if place is None else [place]

    def bracket(self) -> tuple[float | None, float | None]:
        """Return the last place that meets the target and the next one; None where is none."""
        met = [k for k, (_, outcome) in enumerate(self.outcomes()) if self._meets(outcome)]
        if not met:
            return None, self._tried[0]
        after = self._tried[met[-1] + 1 :]
        return self._tried[met[-1]], after[0] if after else None

    def _meets(self, outcome: Outcome) -> bool:
        return isinstance(outcome, Life) and self.target.met(outcome)

    @property
    def verdict(self) -> Verdict:
        """Whether the target is met at no place, at the hardest, or just met at one between."""
        met, missed = self.bracket()
        return "never" if met is None else "always" if missed is None else "just"

    def life(self, place: float | None) -> Outcome | None:
        """Return what came of a place, None where there is no place."""
        return None if place is None else self.lives.outcomes[self.trial_at(place)]

    def best(self) -> tuple[float, Life] | None:
        """Return the place that is nearest to the target from the missed side, with its life."""
        lives = [(p, o) for p, o in self.outcomes() if isinstance(o, Life)]
        sign = -1 if self.target.kind == "skin" else 1
        return max(lives, key=lambda one: sign * self.target.of(one[1]), default=None)

    def uneven(self) -> tuple[float, float] | None:
        """Return the first two neighbours of which the harder one is nearer to the target.

        None where the figure goes one way over all places.
        """
        lives = [(p, o) for p, o in self.outcomes() if isinstance(o, Life)]
        kind = self.target.kind
        for (before, easy), (after, hard) in pairwise(lives):
            slack = UNEVEN[kind] * (1 if kind == "skin" else abs(self.target.of(easy)))
            if self.target.gain(easy, hard) > slack:
                return before, after
        return None


def search(lives: Lives, searches: Sequence[Search]) -> None:
    """Carry out searches side by side, a step of each at a time."""
    while trials := [trial for one in searches for trial in one.wanted()]:
        lives.run(trials)


def halved(tolerance: float) -> Middle:
    """Return the geometric middle, down to places that differ by a share of ``tolerance``."""

    def middle(_: Search, met: float, missed: float) -> float | None:
        low, high = sorted((met, missed))
        if math.isinf(high) or high <= low * (1 + tolerance):
            return None
        return math.sqrt(low * high)

    return middle


def straight(near: float, tolerance: float) -> Middle:
    """Return where a straight line meets the target.

    Down to places that differ by ``tolerance``, or a figure within a share ``near`` of the target.
    """

    def middle(one: Search, met: float, missed: float) -> float | None:
        easy, hard = one.life(met), one.life(missed)
        wanted = one.target.wanted_score
        if not (isinstance(easy, Life) and isinstance(hard, Life)):
            return (met + missed) / 2 if abs(missed - met) > tolerance else None
        at_easy, at_hard = one.target.score(easy), one.target.score(hard)
        if abs(missed - met) <= tolerance or abs(at_easy - wanted) <= near * abs(wanted):
            return None
        # A bit to the easy side: the place shall meet the target.
        aim = wanted + math.copysign(near / 2 * abs(wanted), at_easy - wanted)
        part = (aim - at_easy) / (at_hard - at_easy)
        return met + (missed - met) * min(max(part, 0.02), 0.98)

    return middle
