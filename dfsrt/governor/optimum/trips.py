"""Bounds by where rail and memory rest: for frames that begin and end at rest at one set point."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from dfsrt.governor.optimum.aim import Aim, Line
from dfsrt.governor.optimum.plans import Plans
from dfsrt.governor.optimum.prices import Prices
from dfsrt.governor.optimum.terms import Terms

MOST_ROUNDS = 10
"""Rounds of prices for one aim."""


class Trips:
    """Lines of one view by the place where a frame ends, each worked out once.

    With a period whose gap lets the rail settle, a frame that repeats begins and ends at rest at
    one set point, where it then stays idle. The memory does at the first layer's point.
    """

    def __init__(self, plans: Plans, prices: Prices, terms: Terms) -> None:
        self._plans, self._prices, self._terms = plans, prices, terms
        self._known: list[list[Line]] = [[] for _ in prices.places]

    def bound(self, aim: Aim, lines: Sequence[Line], least_ns: float) -> float:
        """Return what no plan is below for an aim; plans that are found on the way are taken.

        ``lines`` hold for any plan, and alone where the gap is too short to settle in.
        """
        settles_ns = aim.period_ns - float(self._plans.view.move_ns().max())
        hasty = np.inf
        if settles_ns < aim.limit_ns:
            hasty = aim.bound(lines, max(least_ns, settles_ns))[0]
        if settles_ns < least_ns:
            return hasty
        within, best = replace(aim, limit_ns=min(aim.limit_ns, settles_ns)), 0.0
        prices = [price for price, _ in self._prices.lines() if price not in self._prices_known]
        for _ in range(MOST_ROUNDS):
            if prices and not self._look(prices):
                break
            least, at_ns, which = self._least(within, least_ns)
            best = min(least, hasty)
            reached = aim.of(self._plans.best(aim.of))
            if reached - best <= self._terms.tolerance * reached or best == hasty:
                break
            prices = around(self._known[which], at_ns)
        return best

    @property
    def _prices_known(self) -> set[float]:
        return {price for price, _ in self._known[0]}

    def _look(self, prices: Sequence[float]) -> bool:
        """Work out lines at prices; False where nothing is left to look with."""
        more = self._prices.lines_from_rest(prices)
        if more is not None:
            self._known = [[*known, *new] for known, new in zip(self._known, more, strict=True)]
        return more is not None

    def _least(self, aim: Aim, least_ns: float) -> tuple[float, float, int]:
        """The least bound of all places, its time, and which place."""
        places = self._prices.places
        each = [
            (*aim.bound(lines, least_ns, places[which]), which)
            for which, lines in enumerate(self._known)
            if lines and np.isfinite(lines[0][1])
        ]
        return min(each, default=(0.0, least_ns, 0))


def around(lines: Sequence[Line], at_ns: float) -> list[float]:
    """Return prices between that of the line that is highest at a time and its neighbours'."""
    prices = sorted({price for price, _ in lines})
    highest = max(lines, key=lambda line: line[1] - line[0] * 1e-9 * at_ns)[0]
    at = prices.index(highest)
    below = prices[at - 1] if at else highest - 1.0
    above = prices[at + 1] if at + 1 < len(prices) else 2.0 * abs(highest) + 1.0
    return [(below + highest) / 2, (highest + above) / 2]
