"""Time against energy under the cap: least time, least energy in a time, and all between."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import fields

import numpy as np

from dfsrt.base.arrays import Floats, Mask
from dfsrt.governor.app_dvfs import AppDvfs
from dfsrt.governor.dfs import Dfs
from dfsrt.governor.dvfs import Dvfs
from dfsrt.governor.expected_run import expected_frame
from dfsrt.governor.fixed import Powersave
from dfsrt.governor.kept import kept_in_ramps
from dfsrt.governor.optimum.budget import Budget
from dfsrt.governor.optimum.goal import TIE_NS, Goals, priced
from dfsrt.governor.optimum.hull import first_after, lower_hull, slopes_w
from dfsrt.governor.optimum.labels import Ways
from dfsrt.governor.optimum.search import DIVISIONS, SAME, Search, Swept
from dfsrt.governor.optimum.solution import Solution
from dfsrt.governor.optimum.space import Space
from dfsrt.governor.optimum.splice import spliced
from dfsrt.governor.plan import Plan
from dfsrt.governor.segment_dvfs import SegmentDvfs
from dfsrt.governor.view import View

MOST_PRICES = 60
"""How many prices are tried at most in search of a corner, or of all."""
NEAR = 3
"""Neighbours on the hull, on each side of a deadline, of which plans are made up."""
MOST_LABELS = 20_000
SOME_LABELS = 2_000
FEW_LABELS = 400
SURE_S = 1.0
"""For so long nothing but certainty ends the search for least time; then the tolerance will do."""
TIME = float("inf")
"""The price at which time alone counts."""


class Tradeoff:
    """All best frames of one view, each worked out once, within one ``budget``.

    ``tolerance`` is the gap, as a share, at which a search for energy may stop; 0 goes on until
    the optimum is certain or the budget is spent. Least time is searched until it is certain,
    or for a second, unless ``exact_time`` is False.
    """

    def __init__(self, view: View, tolerance: float = 0.0, budget: Budget | None = None) -> None:
        self.view = view
        self.tolerance = tolerance
        self.budget = budget or Budget()
        self.exact_time = True
        self._bounds: dict[float, float] = {}
        self._tried: set[tuple[float, float, bool]] = set()
        self._weight: dict[float, tuple[float, float, float]] = {}
        self._plans: dict[bytes, Solution] = {}
        self._search = Search(Space(view), self.budget, self._take)
        self._exact: dict[int, float] = {}
        self._searched: set[tuple[int, float]] = set()

    def ask(self, tolerance: float, budget: Budget, exact_time: bool) -> None:
        """Take another tolerance and a budget of its own for what is still to be found."""
        self.tolerance, self.budget, self.exact_time = tolerance, budget, exact_time
        self._search.budget = budget

    @property
    def least_time(self) -> Solution:
        """The plan of least time under the cap, and of those the one of least energy."""
        self._solve([TIME])
        best = self._best(TIME)
        over = self._weights(TIME)[2] * best.frame.over_cap
        bound = self._bounds[TIME] - over
        # The tie-break adds less than half a nanosecond, and times are whole.
        bound = np.ceil(bound - TIE_NS - SAME * abs(bound)) if np.isfinite(bound) else 0.0
        return Solution(best.plan, best.frame, best.time_ns, max(0.0, min(bound, best.time_ns)))

    def at_price(self, price_w: float) -> Solution:
        """Return the plan of least energy + ``price_w`` · time under the cap."""
        self._solve([price_w])
        return self._at(price_w)

    def least_energy(self, deadline_ns: float | None = None) -> Solution:
        """Return the plan of least energy under the cap whose frames take ``deadline_ns`` or less.

        Without a deadline it is the plan of least energy, however slow. Where no frame is fast
        enough it is the plan of least time.
        """
        if deadline_ns is None:
            return self.at_price(0.0)
        self._solve([TIME, 0.0])
        slow = self.at_price(0.0)
        if slow.time_ns <= deadline_ns:
            return slow
        if self.least_time.time_ns > deadline_ns:
            return self.least_time
        self.prepare([deadline_ns])
        return self._fits(int(deadline_ns))

    def prepare(self, deadlines_ns: Iterable[float]) -> None:
        """Find what deadlines need that will be asked for: prices and searches they can share."""
        self._solve([TIME, 0.0])
        fast_ns, slow_ns = self.least_time.time_ns, self._at(0.0).time_ns
        wanted = [int(ns) for ns in deadlines_ns if fast_ns <= ns < slow_ns]
        open_ = [ns for ns in wanted if (ns, self.tolerance) not in self._searched]
        self._searched.update((ns, self.tolerance) for ns in open_)
        while open_ := self._open(open_):
            prices = {self._price_at(ns) for ns in open_} - set(self._bounds)
            if not prices or self.budget.spent:
                break
            self._solve(sorted(prices), exact=False)
        for deadline_ns in open_:
            self._splice(deadline_ns)
        by_price: dict[float, list[int]] = {}
        for deadline_ns in self._open(open_):
            by_price.setdefault(self._price_at(deadline_ns), []).append(deadline_ns)
        for price, some in by_price.items():
            self._in_exact_time(price, some)

    def corners(self, most: int = MOST_PRICES) -> list[Solution]:
        """Return corners of the lower convex hull of time and energy, fastest first.

        ``most`` prices are looked at; the hull has no further corner where that was enough.
        """
        self._solve([TIME, 0.0])
        tried: set[float] = set()
        while len(tried) < most and not self.budget.spent:
            hull = self._hull()
            prices = [price for price in slopes_w(hull) if price not in self._bounds]
            if not prices:
                break
            prices = prices[: max(1, most - len(tried))]
            tried.update(prices)
            self._solve(prices, exact=False)
        return self._hull()

    def gap_of(self, solution: Solution) -> float:
        """How far a plan's energy is above the least in its time, at most, as a share."""
        bound = max(self._dual(solution.time_ns), self._exact.get(int(solution.time_ns), -np.inf))
        by_time = max(0.0, 1.0 - bound / solution.energy_j)
        return min(by_time, solution.gap) if solution.goal == solution.energy_j else by_time

    # Prices.

    def _goals(self, prices: Sequence[float]) -> Goals:
        return priced(self._search.space, np.array(prices))

    def _solve(self, prices: Iterable[float], exact: bool = True) -> None:
        """Find plans and bounds at prices; where not ``exact`` value iteration has to do."""
        self.budget.start()
        self._take_simple()
        tried = {price: (price, self._tolerance(price), exact) for price in prices}
        open_ = [price for price, how in tried.items() if how not in self._tried]
        self._tried.update(tried.values())
        for price in open_:
            self._bounds.setdefault(price, -np.inf)
        open_ = [price for price in open_ if not self._closed(price)]
        alone: dict[float, Swept] = {}
        divisions = self._search.divisions
        for division in divisions if exact else divisions[:2]:
            step = self._search.at_once(division)
            for first in range(0, len(open_), step):
                some = open_[first : first + step]
                swept = self._sweep(division, some)
                if swept is not None and len(some) == 1:
                    alone[some[0]] = swept
            open_ = [price for price in open_ if not self._closed(price)]
        for price in open_ if exact else ():
            self._around(price, alone.get(price))

    def _sweep(self, division: int, prices: list[float]) -> Swept | None:
        goals = self._goals(prices)

        def closed(bound: Floats) -> Mask:
            for price, value in zip(prices, bound.tolist(), strict=True):
                self._bounds[price] = max(self._bounds[price], value)
            return np.array([self._closed(price) for price in prices])

        return self._search.sweep(division, goals, closed)

    def _around(self, price: float, swept: Swept | None) -> None:
        """Search with exact times, within what bound and best leave open."""
        goals = self._goals([price])
        for division in DIVISIONS[::-1]:
            swept = swept or self._sweep(division, [price])
        for most, cuts in ((FEW_LABELS, 1), (MOST_LABELS, None)):
            if swept is None or self._closed(price) or self.budget.spent:
                return
            best = self._cost(price, self._best(price))
            below = best - max(SAME, self._tolerance(price) / 2) * abs(best)
            found, dropped = self._search.around(
                swept, goals, np.array([[below]]), (0,), most, cuts
            )
            for ways in found:
                least = int(np.argmin(ways.cost[:, 0]))
                self._take(self._search.plan(ways.level[least], ways.wish[least]))
                dropped = min(dropped, float(ways.cost[least, 0]))
            if cuts is None:
                self._bounds[price] = max(self._bounds[price], min(below, dropped))

    def _tolerance(self, price: float) -> float:
        if price == TIME:
            return 0.0 if self.exact_time else self.tolerance
        return self.tolerance / 2

    def _closed(self, price: float) -> bool:
        if not self._plans:
            return False
        best, bound = self._cost(price, self._best(price)), self._bounds[price]
        tolerance = self._tolerance(price)
        if price == TIME and self.budget.used_s > SURE_S:
            tolerance = self.tolerance
        near = max(tolerance, 2 * SAME) * abs(best)
        return bool(best - bound <= max(near, 0.5 if price == TIME else 0.0))

    def _cost(self, price: float, solution: Solution) -> float:
        frame, (joules, time, over) = solution.frame, self._weights(price)
        return joules * frame.energy_j * 1e9 + time * frame.time_ns + over * frame.over_cap

    def _weights(self, price: float) -> tuple[float, float, float]:
        if price not in self._weight:
            goals = self._goals([price])
            self._weight[price] = float(goals.joules[0]), float(goals.time[0]), float(goals.over[0])
        return self._weight[price]

    def _at(self, price: float) -> Solution:
        best = self._best(price)
        reached = self._cost(price, best)
        over = self._weights(price)[2] * best.frame.over_cap
        bound = min(self._bounds[price], reached) - over
        return Solution(best.plan, best.frame, reached - over, bound)

    # Plans.

    def _take(self, plan: Plan) -> None:
        """Judge a plan and remember it, without what its first frames would break."""
        plan = kept_in_ramps(self.view, plan)
        key = np.asarray(plan.level).tobytes() + np.asarray(plan.rail_uv).tobytes()
        if key not in self._plans:
            self._plans[key] = Solution(plan, expected_frame(self.view, plan), 0.0, 0.0)

    def _take_simple(self) -> None:
        """Plans of the simple governors: the optimum is never worse than they are."""
        if not self._plans:
            for governor in (AppDvfs(), Dfs(), Dvfs(), Powersave(), SegmentDvfs()):
                self._take(governor.plan(self.view))

    def _best(self, price: float) -> Solution:
        return min(
            self._plans.values(), key=lambda s: (round(s.frame.over_cap, 6), self._cost(price, s))
        )

    def _hull(self) -> list[Solution]:
        """Corners of the lower hull of all plans that are best for the cap, fastest first."""
        least = min(round(s.frame.over_cap, 6) for s in self._plans.values())
        good = [s for s in self._plans.values() if round(s.frame.over_cap, 6) == least]
        return lower_hull(good)

    # Deadlines.

    def _dual(self, deadline_ns: float) -> float:
        """The best bound on energy that the prices so far give (weak duality)."""
        return max(
            (b - p * 1e-9 * deadline_ns for p, b in self._bounds.items() if p != TIME),
            default=-np.inf,
        )

    def _open(self, deadlines_ns: Iterable[int]) -> list[int]:
        """Those whose gap is wider than is tolerated."""
        near = max(self.tolerance, SAME)
        return [ns for ns in deadlines_ns if self._fits(ns).gap > near]

    def _price_at(self, deadline_ns: int) -> float:
        """The slope of the hull at a time: of the line that crosses it."""
        hull = self._hull()
        after = first_after(hull, deadline_ns)
        return slopes_w(hull[max(after - 1, 0) : after + 1])[0] if 0 < after < len(hull) else 0.0

    def _fits(self, deadline_ns: int) -> Solution:
        """The known plan of least energy that is fast enough and best for the cap."""
        fitting = [s for s in self._plans.values() if s.time_ns <= deadline_ns]
        best = min(fitting, key=lambda s: (round(s.frame.over_cap, 6), s.energy_j))
        bound = max(self._dual(deadline_ns), self._exact.get(deadline_ns, -np.inf))
        return Solution(best.plan, best.frame, best.energy_j, min(bound, best.energy_j))

    def _splice(self, deadline_ns: int) -> None:
        """Try plans made of those on both sides of a deadline."""
        hull = self._hull()
        after = first_after(hull, deadline_ns)
        for fast in hull[max(0, after - NEAR) : after][::-1]:
            for slow in hull[after : after + NEAR]:
                plan = spliced(self.view, fast.plan, slow.plan, deadline_ns)
                if plan is not None:
                    self._take(plan)
                if self.budget.spent or not self._open([deadline_ns]):
                    return

    def _in_exact_time(self, price: float, deadlines_ns: Sequence[int]) -> None:
        """Close the gaps that one price leaves, by search among the ways it leaves open."""
        goals = self._deadline_goals(price)
        swept = self._search.sweep(DIVISIONS[1], goals, _enough)
        if swept is None:
            return
        # A few labels for each bring the energies down, so that more of them lose at once.
        each = [[ns] for ns in deadlines_ns]
        stages = (
            (FEW_LABELS, 1, each),
            (SOME_LABELS, 1, [deadlines_ns]),
            (MOST_LABELS, None, [deadlines_ns]),
        )
        for most, cuts, groups in stages:
            for some in groups:
                self._search_in_time(swept, goals, price, some, most, cuts)

    def _search_in_time(
        self,
        swept: Swept,
        goals: Goals,
        price: float,
        deadlines_ns: Sequence[int],
        most: int,
        cuts: int | None,
    ) -> None:
        open_ = sorted(self._open(deadlines_ns))
        if not open_ or self.budget.spent:
            return
        near = 1 - max(self.tolerance / 2, SAME)
        least = {ns: self._fits(ns).energy_j * near for ns in open_}
        charge = {ns: price * 1e-9 * ns for ns in open_}
        below = np.array([[least[ns] + charge[ns], ns + 0.5, least[ns]] for ns in open_])
        found, dropped = self._search.around(swept, goals, below, (1, 2), most, cuts)
        for ns in open_:
            reached = self._take_best(found, ns)
            bound = min(reached, least[ns], dropped - charge[ns]) if cuts is None else -np.inf
            self._exact[ns] = max(self._exact.get(ns, -np.inf), bound)

    def _take_best(self, found: Sequence[Ways], deadline_ns: int) -> float:
        """Take the way of least energy in a time; return that energy, infinite without one."""
        best = np.inf
        for ways in found:
            energy = np.where(ways.cost[:, 1] < deadline_ns + 0.5, ways.cost[:, 2], np.inf)
            least = int(np.argmin(energy))
            if energy[least] < best:
                best = float(energy[least])
                self._take(self._search.plan(ways.level[least], ways.wish[least]))
        return best

    def _deadline_goals(self, price: float) -> Goals:
        """Energy at the price, time alone without ties, and energy alone."""
        goals = self._goals([price, TIME, 0.0])
        return Goals(goals.joules * np.array([1.0, 0.0, 1.0]), goals.time, goals.over)


def tradeoff_of(
    view: View, tolerance: float = 0.0, budget: Budget | None = None, exact_time: bool = True
) -> Tradeoff:
    """Return a view's best frames; what was found for the same view a moment ago is kept.

    The ``budget`` is for what is asked for from now on. Without ``exact_time`` the tolerance is
    for the least time, too.
    """
    key = _digest(view)
    known = _RECENT.pop(key, None)
    if known is None:
        known = Tradeoff(view, tolerance, budget)
    known.ask(tolerance, budget or Budget(), exact_time)
    _RECENT[key] = known
    while len(_RECENT) > MOST_RECENT:
        del _RECENT[next(iter(_RECENT))]
    return known


def recent(view: View) -> Tradeoff | None:
    """Return what was found for a view a moment ago."""
    return _RECENT.get(_digest(view))


MOST_RECENT = 4
_RECENT: dict[bytes, Tradeoff] = {}


def _digest(view: View) -> bytes:
    digest = hashlib.blake2b()
    for field in fields(view):
        value = getattr(view, field.name)
        if field.name in ("level", "rail_uv", "telemetry"):
            continue  # frames that repeat do not depend on where a run stands
        if field.name == "npu_predicted_w" and np.isinf(view.npu_limit_w):
            continue  # nobody asks
        digest.update(value.tobytes() if isinstance(value, np.ndarray) else repr(value).encode())
    return digest.digest()


def _enough(bound: Floats) -> Mask:
    """Costs to go are all that is wanted, not the best bounds."""
    return np.ones(len(bound), dtype=bool)
