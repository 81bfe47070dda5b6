"""The search for an aim: prices where the bound is lowest, until it meets the best plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from dfsrt.governor.optimum.aim import Aim, Line
from dfsrt.governor.optimum.hull import slope_at
from dfsrt.governor.optimum.plans import Plans
from dfsrt.governor.optimum.prices import Prices
from dfsrt.governor.optimum.solution import Solution
from dfsrt.governor.optimum.terms import SAME, TIME, Terms
from dfsrt.governor.plan import Plan

MOST_ROUNDS = 10
"""Rounds of prices for frames from rest to rest."""
MOST_STEPS = 60
"""Prices that are tried at most for one aim."""


class Aims:
    """Plans and bounds of one view for aims, by the prices that are known and others.

    Of all plans the least E · T or E · T² is that of a corner of the lower hull: prices find it.
    """

    def __init__(self, plans: Plans, prices: Prices, terms: Terms) -> None:
        self._plans, self._prices, self._terms = plans, prices, terms

    def solve(self, aim: Aim, least_j: float) -> Solution:
        """Return the plan that reaches least, with its bound; one at least must be fast enough.

        No frame that is fast enough takes less than ``least_j``.
        """
        self._prices.solve([TIME, 0.0])
        if aim.rest is not None:
            self._prices.solve([-w for w in aim.rest.slopes_w() if w > 0], exact=False)
        tried: dict[float, bool] = {}
        done: set[bytes] = set()
        by_point = aim.rest is not None and not aim.rest.anywhere
        for _ in range(MOST_STEPS):
            if aim.rest is not None:
                self._let_down(done)
            best = self._plans.best(aim.of)
            bound, at_ns = aim.bound(
                [*self._prices.lines(), (0.0, least_j)], self._prices.least_time().bound
            )
            reached = aim.of(best)
            near = max(self._terms.tolerance, SAME) * reached
            if reached - bound <= near or self._terms.budget.spent:
                break
            if not self._step(at_ns, tried, by_point):
                break
        if reached - bound > near and by_point:
            bound = max(bound, self._from_rest(aim, least_j))
            best = self._plans.best(aim.of)
            reached = aim.of(best)
        return Solution(best.plan, best.frame, reached, max(0.0, min(bound, reached)))

    def _from_rest(self, aim: Aim, least_j: float) -> float:
        """Return a bound by set point, for frames that repeat begin and end at one of them.

        Where the gap is too short to settle in, by all lines as before.
        """
        least_ns = self._prices.least_time().bound
        settles_ns = aim.period_ns - float(self._plans.view.move_ns().max())
        hasty = np.inf
        if settles_ns < aim.limit_ns:
            lines = [*self._prices.lines(), (0.0, least_j)]
            hasty = aim.bound(lines, max(least_ns, settles_ns))[0]
        if settles_ns < least_ns:
            return hasty
        within = replace(aim, limit_ns=min(aim.limit_ns, settles_ns))
        points = len(self._plans.view.set_points_uv)
        lines_of: list[list[Line]] = [[(0.0, least_j)] for _ in range(points)]
        prices, best = sorted(price for price, _ in self._prices.lines()), 0.0
        for _ in range(MOST_ROUNDS):
            more = self._prices.lines_from_rest(prices)
            if more is None:
                break
            for known, new in zip(lines_of, more, strict=True):
                known += [line for line in new if np.isfinite(line[1])] or [(0.0, np.inf)]
            each = [
                (*within.bound(lines, least_ns, point), point)
                for point, lines in enumerate(lines_of)
                if np.isfinite(lines[-1][1])
            ]
            least, at_ns, point = min(each)
            best = min(least, hasty)
            reached = aim.of(self._plans.best(aim.of))
            if reached - best <= self._terms.tolerance * reached or best == hasty:
                break
            prices = _around(lines_of[point], at_ns)
        return best

    def _step(self, at_ns: float, tried: dict[float, bool], once: bool) -> bool:
        """Find more at the price of the hull's line over a time; False where nothing is left.

        A price that comes again is looked at for certain, unless it is to be met ``once`` alone.
        """
        price = slope_at(self._plans.hull(rising=True), at_ns)
        price = next((p for p in tried if abs(p - price) <= 1e-9 * abs(p)), price)
        if tried.get(price) or (once and price in tried):
            return False
        tried[price] = price in tried
        self._prices.solve([price], exact=tried[price])
        return True

    def _let_down(self, done: set[bytes]) -> None:
        """Try the hull's plans with the rail let down by the last layer: idle time takes less."""
        view = self._plans.view
        lowest_uv = int(view.set_points_uv[0])
        most = int(np.searchsorted(view.rails_uv, lowest_uv, side="right")) - 1
        for solution in self._plans.hull(rising=True):
            level, rail_uv = np.array(solution.plan.level), np.array(solution.plan.rail_uv)
            key = level.tobytes() + rail_uv.tobytes()
            if key in done or rail_uv[-1] == lowest_uv:
                continue
            done.add(key)
            level[-1], rail_uv[-1] = min(int(level[-1]), most), lowest_uv
            self._plans.take(Plan(level, rail_uv))


def _around(lines: Sequence[Line], at_ns: float) -> list[float]:
    """Prices between that of the line that is highest at a time and its neighbours'."""
    prices = sorted({price for price, _ in lines})
    highest = max(lines, key=lambda line: line[1] - line[0] * 1e-9 * at_ns)[0]
    at = prices.index(highest)
    below = prices[at - 1] if at else highest - 1.0
    above = prices[at + 1] if at + 1 < len(prices) else 2.0 * abs(highest) + 1.0
    return [(below + highest) / 2, (highest + above) / 2]
