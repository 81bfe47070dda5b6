"""``rm-static``: one speed, the slowest that keeps all deadlines in order of rates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from dfsrt.governor.deadline_test import rm_keeps
from dfsrt.governor.governor import BaseGovernor
from dfsrt.governor.plan import Plan
from dfsrt.governor.static_speed import static_plan
from dfsrt.governor.view import View


@dataclass(frozen=True, slots=True)
class RmStatic(BaseGovernor):
    """The slowest speed at which the shortest period first keeps all deadlines in the worst case.

    The worst case is each workload's largest program at every arrival; the longest layer of others
    is counted, for it is not interrupted. Where no speed is enough the fastest under the cap runs,
    and requests are late, or dropped where ``--drop late`` says so.
    A workload's period is the least time between two of its arrivals; a request without a deadline
    has its period. One with neither, as back to back, is wanted at once: the fastest speed.
    Source: Pillai and Shin, SOSP 2001.
    """

    name: ClassVar[str] = "rm-static"
    sees_queue: ClassVar[bool] = True
    discipline: ClassVar[str] = "rm"

    def plan(self, view: View) -> Plan:
        """Return the speed that the worst case needs."""
        return static_plan(view, rm_keeps)
