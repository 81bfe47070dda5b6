"""The search for an aim: prices where the bound is lowest, until it meets the best plan."""

from __future__ import annotations

import numpy as np

from dfsrt.governor.optimum.aim import Aim
from dfsrt.governor.optimum.hull import slope_at
from dfsrt.governor.optimum.plans import Plans
from dfsrt.governor.optimum.prices import Prices
from dfsrt.governor.optimum.solution import Solution
from dfsrt.governor.optimum.terms import SAME, TIME, Terms
from dfsrt.governor.plan import Plan

MOST_STEPS = 60
"""Prices that are tried at most for one aim."""


class Aims:
    """Plans and bounds of one view for aims, by the prices that are known and others.

    Of all plans the least E · T or E · T² is that of a corner of the lower hull: prices find it.
    """

    def __init__(self, plans: Plans, prices: Prices, terms: Terms) -> None:
        self._plans, self._prices, self._terms = plans, prices, terms

    def solve(self, aim: Aim) -> Solution:
        """Return the plan that reaches least, with its bound; one at least must be fast enough."""
        self._prices.solve([TIME, 0.0])
        if aim.rest is not None:
            self._prices.solve([-w for w in aim.rest.slopes_w() if w > 0], exact=False)
        tried: dict[float, bool] = {}
        for _ in range(MOST_STEPS):
            self._let_down(aim)
            best = self._plans.best(aim.of)
            bound, at_ns = aim.bound(self._prices.lines(), self._prices.least_time().bound)
            reached = aim.of(best)
            near = max(self._terms.tolerance, SAME) * reached
            if reached - bound <= near or self._terms.budget.spent:
                break
            if not self._step(at_ns, tried):
                break
        return Solution(best.plan, best.frame, reached, max(0.0, min(bound, reached)))

    def _step(self, at_ns: float, tried: dict[float, bool]) -> bool:
        """Find more at the price of the hull's line over a time; False where nothing is left."""
        price = slope_at(self._plans.hull(rising=True), at_ns)
        price = next((p for p in tried if abs(p - price) <= 1e-9 * abs(p)), price)
        if tried.get(price):
            return False
        tried[price] = price in tried  # the second time for certain
        self._prices.solve([price], exact=tried[price])
        return True

    def _let_down(self, aim: Aim) -> None:
        """Try the best plan with its rail let down by the last layer: idle time takes less."""
        if aim.rest is None:
            return
        plan, view = self._plans.best(aim.of).plan, self._plans.view
        level, rail_uv = np.array(plan.level), np.array(plan.rail_uv)
        lowest_uv = int(view.set_points_uv[0])
        most = int(np.searchsorted(view.rails_uv, lowest_uv, side="right")) - 1
        level[-1], rail_uv[-1] = min(int(level[-1]), most), lowest_uv
        self._plans.take(Plan(level, rail_uv))
