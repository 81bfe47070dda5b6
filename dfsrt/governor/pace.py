"""``pace``: the request at hand as slowly as all that wait can bear, by its frontier."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from dfsrt.base.errors import InputError
from dfsrt.base.plugin import time_param
from dfsrt.governor.family import Family, Rule
from dfsrt.governor.governor import BaseGovernor
from dfsrt.governor.optimum.budget import Budget
from dfsrt.governor.optimum.tradeoff import Tradeoff
from dfsrt.governor.pace_plans import GAP, pace_plans, slow_enough
from dfsrt.governor.plan import Plan
from dfsrt.governor.static_speed import workloads_of
from dfsrt.governor.view import View

TIME_NS = 1_000_000_000
"""Work of the search for each network unless told."""


@dataclass(frozen=True, slots=True)
class Pace(BaseGovernor):
    """The least energy for the request at hand in the time it has, by its network's frontier.

    It has the time up to its deadline, less what those behind it need: each of them is to be done
    by its own deadline when all run at the fastest, in the order of the discipline. Of the plans of
    the frontier, from least energy to least time under the cap, the slowest that is done by then
    runs; a change of plan is charged a stall and the rail's longest climb. It picks again where a
    request comes, leaves or takes its turn. A request without a deadline has its workload's period,
    the least time between two arrivals; one without either, as back to back, has all the time
    there is: the plan of least energy, unless others wait. Late: who cannot be in time, and all
    ahead of it, run at the fastest; ``--drop late`` gives up those whose turn comes too late.
    Limits: what may come later is not counted, nor energy at idle.

    Raises:
        InputError: no time at all, or too few points or too many.
    """

    name: ClassVar[str] = "pace"
    sees_queue: ClassVar[bool] = True
    points: Annotated[int, "plans of a frontier that are kept, 2 to 32"] = 24
    time: int = time_param("work of the search of each network's frontier", TIME_NS)

    def __post_init__(self) -> None:
        if not 2 <= self.points <= 32:
            raise InputError(f"points {self.points} is out of range; give 2 to 32")
        Budget(self.time)  # refuses what leaves nothing to search with

    def plan(self, view: View) -> Plan:
        """Return the plan for the period, where one request comes in each; else least energy."""
        if view.queue is None:
            alone = Tradeoff(view, GAP, Budget(self.time))
            return alone.least_energy(view.period_ns).plan
        family = self.family(view)
        return family.plans[family.start]

    def family(self, view: View) -> Family:
        """Return the frontier's plans, and the rule."""
        plans = pace_plans(view, workloads_of(view), self.points, self.time)
        start = slow_enough(view, plans, workloads_of(view))
        return Family(plans, Rule.PACE, start, len(plans) - 1)
