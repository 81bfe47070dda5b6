"""Time against energy under the cap: least time, least energy in a time, and all between."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property

import numpy as np

from dfsrt.governor.app_dvfs import AppDvfs
from dfsrt.governor.dfs import Dfs
from dfsrt.governor.dvfs import Dvfs
from dfsrt.governor.expected_run import expected_frame
from dfsrt.governor.fixed import Powersave
from dfsrt.governor.optimum.bound import SAME_COST
from dfsrt.governor.optimum.cycle import (
    THOROUGH,
    Cycle,
    Deadline,
    Passes,
    best_cycle,
)
from dfsrt.governor.optimum.problem import Problem
from dfsrt.governor.optimum.solution import Solution
from dfsrt.governor.plan import Plan
from dfsrt.governor.segment_dvfs import SegmentDvfs
from dfsrt.governor.view import View

MOST_PRICES = 60
"""How many prices are tried at most in search of a corner, or of all."""


class Tradeoff:
    """All best frames of one view, each worked out once.

    ``tolerance`` is the gap, as a share, at which a search for energy may stop; 0 goes on until
    the optimum is certain or the ``passes`` are over. Least time is always searched thoroughly.
    """

    def __init__(self, view: View, tolerance: float = 0.0, passes: Passes = THOROUGH) -> None:
        self.view = view
        self.passes = passes
        self.tolerance = tolerance
        self._priced: dict[float, Solution] = {}

    @cached_property
    def least_time(self) -> Solution:
        """The plan of least time under the cap, and of those the one of least energy."""
        cycle = best_cycle(Problem(self.view, tied=True), enough=0.5)
        known = self._from(cycle)
        best = min(known, key=lambda s: (round(s.frame.over_cap, 6), s.time_ns, s.energy_j))
        # The tie-break adds less than half a nanosecond, and times are whole.
        open_ns = np.ceil(cycle.cost - cycle.bound - 0.5) if np.isfinite(cycle.cost) else np.inf
        bound = min(known[0].time_ns - open_ns, best.time_ns)
        return Solution(best.plan, best.frame, best.time_ns, bound)

    def at_price(self, price_w: float) -> Solution:
        """Return the plan of least energy + ``price_w`` · time under the cap."""
        if price_w not in self._priced:
            cycle = best_cycle(
                Problem(self.view, price_w), self.tolerance / 5, passes=self.passes.free
            )
            self._priced[price_w] = self._best(self._from(cycle), _cost_at(price_w), cycle)
        return self._priced[price_w]

    def least_energy(self, deadline_ns: float | None = None) -> Solution:
        """Return the plan of least energy under the cap whose frames take ``deadline_ns`` or less.

        Without a deadline it is the plan of least energy, however slow. Where no frame is fast
        enough it is the plan of least time.
        """
        slow = self.at_price(0.0)
        if deadline_ns is None or slow.time_ns <= deadline_ns:
            return slow
        fast = self.least_time
        if fast.time_ns > deadline_ns:
            return fast
        price_w = self._price_of(deadline_ns, fast, slow)
        best = self._within(deadline_ns)
        bound = self._dual_bound(deadline_ns)
        solution = Solution(best.plan, best.frame, best.energy_j, bound)
        return self._refined(solution, price_w, int(deadline_ns))

    def corners(self, most: int = MOST_PRICES) -> list[Solution]:
        """Return corners of the lower convex hull of time and energy, fastest first.

        The widest stretches are looked at first, and ``most`` times at most; the hull has no
        further corner where that was enough.
        """
        ends = self.least_energy(self.least_time.time_ns), self.at_price(0.0)
        if ends[0].time_ns >= ends[1].time_ns:
            return [ends[1]]
        corners, open_ = list(ends), [ends]
        for _ in range(most):
            if not open_:
                break
            fast, slow = open_.pop(max(range(len(open_)), key=lambda i: _width(*open_[i])))
            corner = self._corner(fast, slow)
            if corner is not None:
                corners.append(corner)
                open_ += [(fast, corner), (corner, slow)]
        return sorted(corners, key=lambda s: s.time_ns)

    def _corner(self, fast: Solution, slow: Solution) -> Solution | None:
        """The corner below the line between two, or None where there is none."""
        price_w = (fast.energy_j - slow.energy_j) / (slow.time_ns - fast.time_ns) * 1e9
        if price_w <= 0:
            return None
        cost = _cost_at(price_w)
        corner = self.at_price(price_w)
        below = cost(corner) < min(cost(fast), cost(slow)) * (1 - 1e3 * SAME_COST)
        inside = fast.time_ns < corner.time_ns < slow.time_ns
        return corner if below and inside else None

    def _price_of(self, deadline_ns: float, fast: Solution, slow: Solution) -> float:
        """Walk down the hull to the deadline; return the price of the line that crosses it."""
        price_w = 0.0
        for _ in range(MOST_PRICES):
            price_w = (fast.energy_j - slow.energy_j) / (slow.time_ns - fast.time_ns) * 1e9
            corner = self._corner(fast, slow)
            if corner is None:
                break
            if corner.time_ns <= deadline_ns:
                fast = corner
            else:
                slow = corner
        return max(price_w, 0.0)

    def _dual_bound(self, deadline_ns: float) -> float:
        """The best bound on energy that the prices so far give (weak duality)."""
        return max(s.bound - price_w * 1e-9 * deadline_ns for price_w, s in self._priced.items())

    def _known(self) -> Iterator[Solution]:
        """Every plan so far."""
        yield from self._simple
        yield self.least_time
        yield from self._priced.values()

    def gap_of(self, solution: Solution) -> float:
        """How far a plan's energy is above the least in its time, at most, as a share."""
        by_prices = max(0.0, 1.0 - self._dual_bound(solution.time_ns) / solution.energy_j)
        return min(by_prices, solution.gap) if solution.goal == solution.energy_j else by_prices

    def _within(self, deadline_ns: float) -> Solution:
        """The known plan of least energy that is fast enough and best for the cap."""
        fitting = [s for s in self._known() if s.time_ns <= deadline_ns]
        return min(fitting, key=lambda s: (round(s.frame.over_cap, 6), s.energy_j))

    def _refined(self, known: Solution, price_w: float, deadline_ns: int) -> Solution:
        """Close the gap that prices leave, by search among the ways they leave open."""
        problem = Problem(self.view, price_w)
        time, energy = Problem(self.view), Problem(self.view, 0.0)
        charge = problem.price * deadline_ns
        for effort in self.passes.in_time:
            if known.gap <= max(self.tolerance, SAME_COST):
                break
            near = 0.5 * self.tolerance * known.goal / (known.goal + charge)
            deadline = Deadline(time, energy, deadline_ns, known.energy_j)
            limit = known.energy_j + charge
            known = self._better(
                known, best_cycle(problem, near, limit, deadline, (effort,)), charge
            )
        return known

    def _better(self, known: Solution, cycle: Cycle, charge: float) -> Solution:
        bound = max(known.bound, cycle.bound - charge)
        if len(cycle.level):
            new = self._solution(self._plan(cycle))
            if (new.frame.over_cap, new.energy_j) < (known.frame.over_cap, known.energy_j):
                known = new
        return Solution(known.plan, known.frame, known.energy_j, min(bound, known.energy_j))

    @cached_property
    def _simple(self) -> tuple[Solution, ...]:
        """Plans of the simple governors: the optimum is never worse than they are."""
        view = self.view
        governors = (AppDvfs(), Dfs(), Dvfs(), Powersave(), SegmentDvfs())
        return tuple(self._solution(g.plan(view)) for g in governors)

    def _plan(self, cycle: Cycle) -> Plan:
        return Plan(cycle.level, self.view.set_points_uv[cycle.wish])

    def _from(self, cycle: Cycle) -> list[Solution]:
        plans = [self._plan(cycle)] if len(cycle.level) else []
        return [*(self._solution(p) for p in plans), *self._simple]

    def _best(
        self, known: list[Solution], cost: Callable[[Solution], float], cycle: Cycle
    ) -> Solution:
        """The best of ``known``, with the bound that the search gave, penalties taken out."""
        best = min(known, key=lambda s: (round(s.frame.over_cap, 6), cost(s)))
        reached = cost(best)
        open_cost = cycle.cost - cycle.bound if np.isfinite(cycle.cost) else np.inf
        bound = min(cost(known[0]) - open_cost, reached)
        return Solution(best.plan, best.frame, reached, bound)

    def _solution(self, plan: Plan) -> Solution:
        """A plan with its frame; what is minimised, and so goal and bound, comes later."""
        return Solution(plan, expected_frame(self.view, plan), 0.0, 0.0)


def _width(fast: Solution, slow: Solution) -> float:
    return (slow.time_ns - fast.time_ns) * (fast.energy_j - slow.energy_j)


def _cost_at(price_w: float) -> Callable[[Solution], float]:
    return lambda s: s.energy_j + price_w * 1e-9 * s.time_ns
