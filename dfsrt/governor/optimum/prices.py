"""Energy and time at a price: plans and bounds, which prices share where they can."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterable, Sequence

import numpy as np

from dfsrt.base.arrays import Floats
from dfsrt.governor.optimum.aim import Place
from dfsrt.governor.optimum.goal import TIE_NS, Goals, priced
from dfsrt.governor.optimum.plans import Plans
from dfsrt.governor.optimum.search import ROUNDS, Search, Swept
from dfsrt.governor.optimum.solution import Solution
from dfsrt.governor.optimum.terms import SAME, TIME, Terms

MOST_LABELS = 20_000
SOME_LABELS = 2_000
FEW_LABELS = 400
QUICK_ROUNDS = 1
SHARED_ROUNDS = 2
"""Grids for a price where others are to come from the same budget."""
"""Grids for prices that need not be exact."""


class Prices:
    """Bounds of one view by price in watts; ``TIME`` is time alone."""

    def __init__(self, search: Search, plans: Plans, terms: Terms) -> None:
        self.bounds: dict[float, float] = {}
        self._search, self._plans, self._terms = search, plans, terms
        self._tried: set[tuple[float, float, bool]] = set()
        self._weight: dict[float, tuple[float, float, float]] = {}
        self._worth: dict[float, Floats] = {}

    def solve(self, prices: Iterable[float], exact: bool = True) -> None:
        """Find plans and bounds at prices; where not ``exact`` value iteration has to do."""
        self._plans.take_simple()
        tried = {price: (price, self._terms.at_price(price), exact) for price in prices}
        open_ = [price for price, how in tried.items() if how not in self._tried]
        self._tried.update(tried.values())
        for price in open_:
            self.bounds.setdefault(price, -np.inf)
        open_ = [price for price in open_ if self._open(price) > 0.0]
        step = self._search.at_once()
        for first in range(0, len(open_), step):
            some = open_[first : first + step]
            swept = self._sweep(some, exact)
            for price in some if exact and not self._terms.thrifty else ():
                self._search_ways(price, swept if len(some) == 1 else None)

    def least_time(self) -> Solution:
        """Return the fastest plan, and of those the one of least energy."""
        best = self._best(TIME)
        bound = self.bounds[TIME] - self._weights(TIME)[2] * best.frame.over_cap
        # The tie-break adds less than half a nanosecond, and times are whole.
        bound = np.ceil(bound - TIE_NS - SAME * abs(bound)) if np.isfinite(bound) else 0.0
        return Solution(best.plan, best.frame, best.time_ns, max(0.0, min(bound, best.time_ns)))

    def at(self, price: float) -> Solution:
        """Return the best plan at a price that was solved."""
        best = self._best(price)
        reached = self._cost(price, best)
        over = self._weights(price)[2] * best.frame.over_cap
        bound = min(self.bounds[price], reached) - over
        return Solution(best.plan, best.frame, reached - over, bound)

    def goals(self, prices: Sequence[float]) -> Goals:
        """Return what is minimised at prices."""
        return priced(self._search.space, np.array(prices))

    def lines(self) -> list[tuple[float, float]]:
        """Return prices, and what energy + price · time of no plan is below, in joules."""
        known = [(price, self.at(price).bound) for price in self.bounds if price != TIME]
        return [line for line in known if np.isfinite(line[1])] or [(0.0, 0.0)]

    def lines_from_rest(self, prices: Sequence[float]) -> list[list[tuple[float, float]]] | None:
        """Return lines at prices for frames from rest to rest, by place; None without more."""
        found = self._search.round_trips(self.goals(prices))
        if found is None:
            return None
        over = [self._weights(p)[2] * self._best(p).frame.over_cap for p in prices]
        joules = found - np.array(over)[:, None]
        return [list(zip(prices, column, strict=True)) for column in joules.T.tolist()]

    @property
    def places(self) -> list[Place]:
        """Where frames may rest."""
        return self._search.places

    def dual(self, deadline_ns: float) -> float:
        """Return the best bound on energy in a time that the prices so far give (weak duality)."""
        over = self._plans.least_over
        return max(
            (
                bound - self._weights(price)[2] * over - price * 1e-9 * deadline_ns
                for price, bound in self.bounds.items()
                if price != TIME
            ),
            default=-np.inf,
        )

    def worth(self, prices: Sequence[float]) -> Floats | None:
        """Return about what a frame's end is worth, ``(n_prices, n_states)``: by neighbours.

        None where a price has none.
        """
        known = sorted(price for price in self._worth if price != TIME)
        rows = []
        for price in prices:
            if price in self._worth:
                rows.append(self._fitted(price))
            elif price == TIME or len(known) < 2:
                return None
            else:
                after = min(max(bisect(known, price), 1), len(known) - 1)
                low, high = known[after - 1], known[after]
                share = min(1.0, (price - low) / (high - low))
                rows.append((1 - share) * self._fitted(low) + share * self._fitted(high))
        return np.array(rows)

    def _fitted(self, price: float) -> Floats:
        return np.asarray(self._search.fitted(self._worth[price][None])[0])

    def _sweep(self, prices: list[float], exact: bool) -> Swept | None:
        def open_(bound: Floats) -> Floats:
            for price, value in zip(prices, bound.tolist(), strict=True):
                self.bounds[price] = max(self.bounds[price], value)
            return np.array([self._open(price) for price in prices])

        goals, thorough = self.goals(prices), ROUNDS if self._terms.exact_time else SHARED_ROUNDS
        rounds = thorough if exact else QUICK_ROUNDS
        swept = self._search.sweep(goals, open_, self.worth(prices), rounds)
        if swept is not None:
            self._worth.update(zip(prices, swept.worth, strict=True))
        return swept

    def _search_ways(self, price: float, swept: Swept | None) -> None:
        """Search with exact times, within what bound and best leave open."""
        goals = self.goals([price])
        if self._open(price) > 0.0 and swept is None:
            swept = self._sweep([price], exact=True)
        for most, sure in ((FEW_LABELS, False), (SOME_LABELS, False), (MOST_LABELS, True)):
            if swept is None or not self._open(price) or self._terms.budget.spent:
                return
            best = self._cost(price, self._best(price))
            below = best - max(SAME, self._terms.at_price(price) / 2) * abs(best)
            enough = best - self._near(price, best) if sure else None
            found, dropped = self._search.ways(
                swept, goals, np.array([[below]]), (0,), most, enough
            )
            for ways in found:
                least = int(np.argmin(ways.cost[:, 0]))
                self._plans.take(self._search.plan(ways.level[least], ways.wish[least]))
                dropped = min(dropped, float(ways.cost[least, 0]))
            if sure:
                self.bounds[price] = max(self.bounds[price], min(below, dropped))

    def _open(self, price: float) -> float:
        """How far the best lies above the bound, 0 where that is near enough."""
        best, bound = self._cost(price, self._best(price)), self.bounds[price]
        gap = best - bound
        return 0.0 if gap <= self._near(price, best) else gap

    def _near(self, price: float, best: float) -> float:
        near = max(self._terms.at_price(price), 2 * SAME) * abs(best)
        return max(near, 0.5 if price == TIME else 0.0)

    def _best(self, price: float) -> Solution:
        return self._plans.best(lambda solution: self._cost(price, solution))

    def _cost(self, price: float, solution: Solution) -> float:
        frame, (joules, time, over) = solution.frame, self._weights(price)
        return joules * frame.energy_j * 1e9 + time * frame.time_ns + over * frame.over_cap

    def _weights(self, price: float) -> tuple[float, float, float]:
        if price not in self._weight:
            goals = self.goals([price])
            self._weight[price] = float(goals.joules[0]), float(goals.time[0]), float(goals.over[0])
        return self._weight[price]
