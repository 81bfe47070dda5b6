"""Time against energy under the cap: least time, least energy in a time, and all between."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from dfsrt.governor.joint import joint_view, parted
from dfsrt.governor.optimum.aim import Aim, standby
from dfsrt.governor.optimum.aims import Aims
from dfsrt.governor.optimum.budget import Budget
from dfsrt.governor.optimum.deadlines import Deadlines
from dfsrt.governor.optimum.hull import slopes_w
from dfsrt.governor.optimum.plans import Plans
from dfsrt.governor.optimum.points import Held, Points
from dfsrt.governor.optimum.prices import Prices
from dfsrt.governor.optimum.search import Search
from dfsrt.governor.optimum.solution import Solution
from dfsrt.governor.optimum.space import Space
from dfsrt.governor.optimum.terms import SAME, TIME, Terms
from dfsrt.governor.view import View

MOST_PRICES = 60
"""How many prices are tried at most in search of a corner, or of all."""


class Tradeoff:
    """All best frames of one view, each worked out once, within one ``budget``.

    ``tolerance`` is the gap, as a share, at which a search for energy may stop; 0 goes on until
    the optimum is certain or the budget is spent. Least time is searched until it is certain,
    or for some time, unless ``exact_time`` is False. Where the view's memory is free, plans say its
    points, too.
    """

    def __init__(self, view: View, tolerance: float = 0.0, budget: Budget | None = None) -> None:
        self.view, self._joint = view, joint_view(view)
        self._was_cut = False
        self._terms = terms = Terms(tolerance, budget or Budget())
        self._plans = plans = Plans(self._joint, terms)
        self._search = search = Search(Space(self._joint), terms.budget, plans.take)
        self._prices = Prices(search, plans, terms)
        self._deadlines = Deadlines(search, plans, self._prices, terms)
        self._aims = Aims(plans, self._prices, terms)
        self._points = Points(self._joint, plans, terms, Tradeoff)

    def ask(self, tolerance: float, budget: Budget, exact_time: bool) -> None:
        """Take another tolerance and a budget of its own for what is still to be found."""
        terms = self._terms
        self._was_cut = self.cut
        terms.tolerance, terms.budget, terms.exact_time = tolerance, budget, exact_time
        self._search.budget = budget

    @property
    def cut(self) -> bool:
        """Whether a slow machine's clock has ended a search: elsewhere other plans may be found."""
        return self._was_cut or self._terms.budget.cut

    @property
    def budget(self) -> Budget:
        """What the search may use, and has used."""
        return self._terms.budget

    @property
    def least_time(self) -> Solution:
        """The plan of least time under the cap, and of those the one of least energy."""
        return self._apart(self._least_time())

    def _least_time(self) -> Solution:
        def held(one: Held) -> Solution:
            return one.least_time

        self._plans.take_simple()
        known = self._plans.best(lambda solution: solution.time_ns)
        if self._points.enough(known.time_ns):
            return self._points.best(held)
        self._prices.solve([TIME])
        found = self._prices.least_time()
        if not self._open(found):
            return found
        self._points.ask(held)
        return self._prices.least_time()

    def _open(self, solution: Solution) -> bool:
        """Whether what is known at each memory point may be better than a plan for both."""
        open_ = self._joint.joint and solution.gap > max(self._terms.tolerance, SAME)
        return open_ and not self.budget.spent

    def at_price(self, price_w: float) -> Solution:
        """Return the plan of least energy + ``price_w`` · time under the cap."""
        self._prices.solve([price_w])
        if self._open(self._prices.at(price_w)):
            self._points.ask(lambda one: one.at_price(price_w))
        return self._apart(self._prices.at(price_w))

    def least_energy(self, deadline_ns: float | None = None) -> Solution:
        """Return the plan of least energy under the cap whose frames take ``deadline_ns`` or less.

        Without a deadline it is the plan of least energy, however slow. Where no frame is fast
        enough it is the plan of least time.
        """
        if deadline_ns is None:
            return self.at_price(0.0)
        if self._points.enough(deadline_ns) and self.least_time.time_ns <= deadline_ns:
            return self._apart(self._points.best(lambda one: one.least_energy(deadline_ns)))
        self._prices.solve([TIME, 0.0])
        slow = self.at_price(0.0)
        if slow.time_ns <= deadline_ns:
            return slow
        if self.least_time.time_ns > deadline_ns:
            return self.least_time
        self.prepare([deadline_ns])
        return self._apart(self._deadlines.best(int(deadline_ns)))

    def least(self, power: int, deadline_ns: float | None = None) -> Solution:
        """Return the plan of least E · T ** ``power`` under the cap, in ``deadline_ns`` or less.

        E is the frame's energy, and where the view knows a period and what idle time takes, that
        of the whole period. Where no frame is fast enough it is the plan of least time.
        """
        aim = self.aim(power, deadline_ns)
        if self.least_time.time_ns > aim.limit_ns:
            return self.least_time
        thrifty = self.least_energy(deadline_ns)
        if power == 0 and aim.rest is None:
            return thrifty
        found = self._aims.solve(aim, thrifty.bound)
        if self._open(found):
            self._points.ask(lambda one: one.least(power, deadline_ns))
            found = self._aims.known(aim, found.bound)
        return self._apart(found)

    def aim(self, power: int = 0, deadline_ns: float | None = None) -> Aim:
        """Return the aim of ``least``: what counts, and the time that a frame may take.

        Where frames may take longer than the period nothing is idle, and only their energy counts.
        """
        view, limit_ns = self._joint, np.inf if deadline_ns is None else deadline_ns
        standby_w = standby(view)
        if view.rest is None or view.period_ns is None or (view.rest.free and not any(standby_w)):
            return Aim(view, power, limit_ns)
        late = deadline_ns is not None and deadline_ns > view.period_ns
        if late or self.least_time.time_ns > view.period_ns:
            return Aim(view, power, limit_ns)
        limit_ns = min(limit_ns, view.period_ns)
        return Aim(view, power, limit_ns, view.rest, view.period_ns, standby_w)

    def prepare(self, deadlines_ns: Iterable[float]) -> None:
        """Find what deadlines need that will be asked for: prices and searches they can share."""
        self._prices.solve([TIME, 0.0])
        fast_ns, slow_ns = self.least_time.time_ns, self._prices.at(0.0).time_ns
        wanted = [int(ns) for ns in deadlines_ns if fast_ns <= ns < slow_ns]
        self._deadlines.solve(wanted)
        for ns in wanted:
            if self._open(self._deadlines.best(ns)):
                self._points.ask(lambda one, ns=ns: one.least_energy(ns))  # type: ignore[misc]

    def corners(self, most: int = MOST_PRICES) -> list[Solution]:
        """Return corners of the lower convex hull of time and energy, fastest first.

        ``most`` prices are looked at; the hull has no further corner where that was enough.
        """
        self._prices.solve([TIME, 0.0])
        tried: set[float] = set()
        while len(tried) < most and not self.budget.spent:
            known = self._prices.bounds
            prices = [price for price in slopes_w(self._plans.hull()) if price not in known]
            if not prices:
                break
            prices = prices[: max(1, most - len(tried))]
            tried.update(prices)
            self._prices.solve(prices, exact=False)
        return [self._apart(solution) for solution in self._plans.hull()]

    def front(self) -> list[Solution]:
        """Return the plans found so far that none beats in time and energy, fastest first."""
        return [self._apart(solution) for solution in self._plans.front()]

    def _apart(self, solution: Solution) -> Solution:
        """Say a plan's core and memory apart, where it has both."""
        return replace(solution, plan=parted(self._joint, solution.plan))

    def gap_of(self, solution: Solution) -> float:
        """How far a plan's energy is above the least in its time, at most, as a share."""
        bound = self._deadlines.bound(solution.time_ns)
        by_time = max(0.0, 1.0 - bound / solution.energy_j)
        return min(by_time, solution.gap) if solution.goal == solution.energy_j else by_time
