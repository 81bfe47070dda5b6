"""Least energy in a time: what prices leave open is spliced, then searched for exactly."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from dfsrt.base.arrays import Floats
from dfsrt.governor.optimum.goal import Goals
from dfsrt.governor.optimum.hull import first_after, slopes_w
from dfsrt.governor.optimum.labels import Ways
from dfsrt.governor.optimum.plans import Plans
from dfsrt.governor.optimum.prices import FEW_LABELS, MOST_LABELS, SOME_LABELS, Prices
from dfsrt.governor.optimum.search import Search, Swept
from dfsrt.governor.optimum.solution import Solution
from dfsrt.governor.optimum.splice import spliced
from dfsrt.governor.optimum.terms import SAME, TIME, Terms

NEAR = 3
"""Neighbours on the hull, on each side of a deadline, of which plans are made up."""


class Deadlines:
    """Bounds of one view by deadline in nanoseconds, beside those of prices."""

    def __init__(self, search: Search, plans: Plans, prices: Prices, terms: Terms) -> None:
        self._search, self._plans, self._prices, self._terms = search, plans, prices, terms
        self._exact: dict[int, float] = {}
        self._searched: set[tuple[int, float]] = set()

    def solve(self, deadlines_ns: Iterable[int]) -> None:
        """Find what deadlines need, none faster than the fastest plan or as slow as the slowest."""
        wanted = [(ns, self._terms.tolerance) for ns in deadlines_ns]
        open_ = [ns for ns, how in wanted if (ns, how) not in self._searched]
        self._searched.update(wanted)
        while open_ := self._open(open_):
            prices = {self._price_at(ns) for ns in open_} - set(self._prices.bounds)
            if not prices or self._terms.budget.spent:
                break
            self._prices.solve(sorted(prices), exact=False)
        for deadline_ns in open_:
            self._splice(deadline_ns)
        by_price: dict[float, list[int]] = {}
        for deadline_ns in self._open(open_):
            by_price.setdefault(self._price_at(deadline_ns), []).append(deadline_ns)
        for price, some in by_price.items():
            self._in_exact_time(price, some)

    def best(self, deadline_ns: int) -> Solution:
        """Return the known plan of least energy that is fast enough and best for the cap."""
        best = self._plans.least_in(deadline_ns)
        bound = min(self.bound(deadline_ns), best.energy_j)
        return Solution(best.plan, best.frame, best.energy_j, bound)

    def bound(self, deadline_ns: float) -> float:
        """Return what no plan in a time is below, in joules."""
        exact = self._exact.get(int(deadline_ns), -np.inf)
        return max(self._prices.dual(deadline_ns), exact)

    def _open(self, deadlines_ns: Iterable[int]) -> list[int]:
        """Those whose gap is wider than is tolerated."""
        return [ns for ns in deadlines_ns if self.best(ns).gap > self._terms.in_time]

    def _price_at(self, deadline_ns: int) -> float:
        """The slope of the hull at a time: of the line that crosses it."""
        hull = self._plans.hull()
        after = first_after(hull, deadline_ns)
        return slopes_w(hull[max(after - 1, 0) : after + 1])[0] if 0 < after < len(hull) else 0.0

    def _splice(self, deadline_ns: int) -> None:
        """Try plans made of those on both sides of a deadline."""
        hull = self._plans.hull()
        after = first_after(hull, deadline_ns)
        for fast in hull[max(0, after - NEAR) : after][::-1]:
            for slow in hull[after : after + NEAR]:
                plan = spliced(self._plans.view, fast.plan, slow.plan, deadline_ns)
                if plan is not None:
                    self._plans.take(plan)
                if self._terms.budget.spent or not self._open([deadline_ns]):
                    return

    def _in_exact_time(self, price: float, deadlines_ns: Sequence[int]) -> None:
        """Close the gaps that one price leaves, by search among the ways it leaves open."""
        goals = self._deadline_goals(price)
        self._search.deepen(1)  # what a bound leaves open is dear to search
        # Costs to go are all that is wanted, not the best bounds.
        worth = self._prices.worth([price, TIME, 0.0])
        swept = self._search.sweep(goals, lambda bound: np.zeros(len(bound)), worth)
        if swept is None:
            return
        # A few labels for each bring the energies down, so that more of them lose at once.
        each = [[ns] for ns in deadlines_ns]
        stages = (
            (FEW_LABELS, False, each),
            (SOME_LABELS, False, [deadlines_ns]),
            (MOST_LABELS, True, [deadlines_ns]),
        )
        for most, sure, groups in stages:
            for some in groups:
                self._search_in_time(swept, goals, price, some, most, sure)

    def _search_in_time(
        self,
        swept: Swept,
        goals: Goals,
        price: float,
        deadlines_ns: Sequence[int],
        most: int,
        sure: bool,
    ) -> None:
        open_ = sorted(self._open(deadlines_ns))
        if not open_ or self._terms.budget.spent:
            return
        # What no frame can keep of the cap costs all of them.
        over = goals.over * self._plans.least_over
        near = 1 - max(self._terms.tolerance / 2, SAME)
        least = {ns: self.best(ns).energy_j * near for ns in open_}
        charge = {ns: price * 1e-9 * ns for ns in open_}
        below = np.array([[least[ns] + charge[ns], ns + 0.5, least[ns]] for ns in open_]) + over
        near_j = {ns: self.best(ns).energy_j * (1 - self._terms.in_time) for ns in open_}
        enough = min(near_j[ns] + charge[ns] for ns in open_) + over[0] if sure else None
        found, dropped = self._search.ways(swept, goals, below, (1, 2), most, enough)
        for ns in open_:
            reached = self._take_best(found, ns, over)
            bound = min(reached, least[ns], dropped - charge[ns] - over[0]) if sure else -np.inf
            self._exact[ns] = max(self._exact.get(ns, -np.inf), bound)

    def _take_best(self, found: Sequence[Ways], deadline_ns: int, over: Floats) -> float:
        """Take the way of least energy in a time; return that energy, infinite without one."""
        best = np.inf
        for ways in found:
            _, time_ns, joules = (ways.cost - over).T
            energy: Floats = np.where(time_ns < deadline_ns + 0.5, joules, np.inf)
            least = int(np.argmin(energy))
            if energy[least] < best:
                best = float(energy[least])
                self._plans.take(self._search.plan(ways.level[least], ways.wish[least]))
        return best

    def _deadline_goals(self, price: float) -> Goals:
        """Energy at the price, time alone without ties, and energy alone."""
        goals = self._prices.goals([price, TIME, 0.0])
        return Goals(goals.joules * np.array([1.0, 0.0, 1.0]), goals.time, goals.over)
