"""The plans that a search has found, each judged once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from dfsrt.governor.dfs import Dfs
from dfsrt.governor.dvfs import Dvfs
from dfsrt.governor.expected_run import expected_frame
from dfsrt.governor.joint import at_point
from dfsrt.governor.kept import kept_in_ramps
from dfsrt.governor.optimum import effort
from dfsrt.governor.optimum.hull import lower_hull
from dfsrt.governor.optimum.solution import Solution
from dfsrt.governor.optimum.terms import Terms
from dfsrt.governor.plan import Plan, uniform
from dfsrt.governor.segment_dvfs import SegmentDvfs
from dfsrt.governor.view import View


class Plans:
    """Plans of one view with their steady frames, by levels and voltages.

    ``least_over`` is how many layers a frame break the cap in those that keep it best.
    """

    def __init__(self, view: View, terms: Terms) -> None:
        self.view = view
        self._terms = terms
        self._known: dict[bytes, Solution] = {}
        self.least_over = np.inf

    def take(self, plan: Plan) -> None:
        """Judge a plan and remember it, without what its first frames would break.

        One that changes the memory's clock before it may is not remembered.
        """
        layers = len(plan.level)
        self._terms.budget.work(effort.JUDGE_NS + effort.JUDGE_LAYER_NS * layers)
        plan = kept_in_ramps(self.view, plan)
        key = np.asarray(plan.level).tobytes() + np.asarray(plan.rail_uv).tobytes()
        if key not in self._known:
            frame = expected_frame(self.view, plan)
            if not frame.hasty:
                self._known[key] = Solution(plan, frame, 0.0, 0.0)
                self.least_over = min(self.least_over, _over(self._known[key]))

    def take_simple(self) -> None:
        """Take those of the simple governors: the optimum is never worse than they are.

        And every clock held for all layers: what a user sets, or a governor that samples the
        load has settled at. That is at each of the memory's points, where they may be chosen.
        """
        if not self._known:
            for point in range(self.view.n_memory):
                view = at_point(self.view, point)
                for governor in (Dfs(), Dvfs(), SegmentDvfs()):
                    plan = governor.plan(view)
                    self.take(Plan(plan.level + point * self.view.n_core, plan.rail_uv))
            for level in range(self.view.top + 1):
                self.take(uniform(self.view, level))

    def best(self, cost: Callable[[Solution], float]) -> Solution:
        """Return the one that keeps the cap best, and of those the one of least cost."""
        return min(self._known.values(), key=lambda s: (_over(s), cost(s)))

    def least_in(self, deadline_ns: float) -> Solution:
        """Return the one of least energy that is fast enough and best for the cap."""
        fitting = [s for s in self._known.values() if s.time_ns <= deadline_ns]
        return min(fitting, key=lambda s: (_over(s), s.energy_j))

    def hull(self, rising: bool = False) -> list[Solution]:
        """Return corners of the lower hull of all that are best for the cap, fastest first.

        With ``rising`` those that are slower than the one of least energy, too.
        """
        least = self.least_over
        return lower_hull((s for s in self._known.values() if _over(s) == least), rising)

    def front(self) -> list[Solution]:
        """Return those best for the cap that no other beats in time and energy, fastest first."""
        least = self.least_over
        front: list[Solution] = []
        fitting = (s for s in self._known.values() if _over(s) == least)
        for solution in sorted(fitting, key=lambda s: (s.time_ns, s.energy_j)):
            if not front or solution.energy_j < front[-1].energy_j:
                front.append(solution)
        return front

    def __len__(self) -> int:
        return len(self._known)


def _over(solution: Solution) -> float:
    return round(solution.frame.over_cap, 6)
