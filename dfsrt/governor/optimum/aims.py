"""The search for an aim: prices where the bound is lowest, until it meets the best plan."""

from __future__ import annotations

import numpy as np

from dfsrt.governor.optimum.aim import Aim, Line
from dfsrt.governor.optimum.hull import slope_at
from dfsrt.governor.optimum.plans import Plans
from dfsrt.governor.optimum.prices import Prices
from dfsrt.governor.optimum.solution import Solution
from dfsrt.governor.optimum.terms import SAME, TIME, Terms
from dfsrt.governor.optimum.trips import Trips
from dfsrt.governor.plan import Plan

MOST_STEPS = 60
"""Prices that are tried at most for one aim."""


class Aims:
    """Plans and bounds of one view for aims, by the prices that are known and others.

    Of all plans the least E · T or E · T² is that of a corner of the lower hull: prices find it.
    """

    def __init__(self, plans: Plans, prices: Prices, terms: Terms) -> None:
        self._plans, self._prices, self._terms = plans, prices, terms
        self._trips = Trips(plans, prices, terms)
        self._let: set[bytes] = set()

    def solve(self, aim: Aim, least_j: float) -> Solution:
        """Return the plan that reaches least, with its bound; one at least must be fast enough.

        No frame that is fast enough takes less than ``least_j``.
        """
        self._prices.solve([TIME, 0.0])
        self._prices.solve([-w for w in aim.slopes_w()], exact=False)
        by_point, tried = not aim.anywhere, dict[float, bool]()
        for _ in range(MOST_STEPS):
            self._let_down(aim)
            bound, at_ns = aim.bound(self._lines(least_j), self._least_ns)
            if self._enough(aim, bound) or not self._step(at_ns, tried, by_point):
                break
        if by_point and not self._enough(aim, bound):
            bound = max(bound, self._trips.bound(aim, self._lines(least_j), self._least_ns))
        return self.known(aim, bound)

    def known(self, aim: Aim, bound: float) -> Solution:
        """Return the known plan that reaches least, with a bound."""
        best = self._plans.best(aim.of)
        reached = aim.of(best)
        return Solution(best.plan, best.frame, reached, max(0.0, min(bound, reached)))

    @property
    def _least_ns(self) -> float:
        return self._prices.least_time().bound

    def _lines(self, least_j: float) -> list[Line]:
        return [*self._prices.lines(), (0.0, least_j)]

    def _enough(self, aim: Aim, bound: float) -> bool:
        """Whether a bound is near the best plan, or nothing is left to come nearer with."""
        reached = aim.of(self._plans.best(aim.of))
        near = max(self._terms.tolerance, SAME) * reached
        return reached - bound <= near or self._terms.budget.spent

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

    def _let_down(self, aim: Aim) -> None:
        """Try the hull's plans with the rail let down by the last layer: idle time takes less."""
        view = self._plans.view
        lowest_uv, n_core = int(view.set_points_uv[0]), view.n_core
        most = int(np.searchsorted(view.rails_uv[:n_core], lowest_uv, side="right")) - 1
        for solution in self._plans.hull(rising=True) if aim.rest is not None else ():
            level, rail_uv = np.array(solution.plan.level), np.array(solution.plan.rail_uv)
            key = level.tobytes() + rail_uv.tobytes()
            if key not in self._let and rail_uv[-1] != lowest_uv:
                self._let.add(key)
                level[-1] -= max(0, level[-1] % n_core - most)
                rail_uv[-1] = lowest_uv
                self._plans.take(Plan(level, rail_uv))
