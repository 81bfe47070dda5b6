"""``optimal``: the best plan there is, by exact search over layers, clocks and the rail's state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from dfsrt.base.plugin import (
    bytes_param,
    choice_param,
    number_param,
    optional_time_param,
    time_param,
)
from dfsrt.governor.governor import BaseGovernor
from dfsrt.governor.optimum.budget import MEMORY_BYTES, TIME_NS, Budget
from dfsrt.governor.optimum.recent import recent, tradeoff_of
from dfsrt.governor.optimum.solution import Solution
from dfsrt.governor.optimum.tradeoff import Tradeoff
from dfsrt.governor.plan import Plan
from dfsrt.governor.view import View

POWERS = {"energy": 0, "edp": 1, "ed2p": 2}
"""Goals by the power of time that energy is multiplied by."""
GOALS = ("time", *POWERS)


@dataclass(frozen=True, slots=True)
class Optimal(BaseGovernor):
    """The least time under the cap, or with ``goal=energy`` the least energy in ``deadline``.

    With ``goal=edp`` it is the least energy times time of a frame, with ``goal=ed2p`` times its
    square. The deadline is the period of arrivals unless told; without either it is the least
    energy there is. With a period, energy is that of the whole period, the idle time between
    frames counted by what is known of it (``rest``); time is that of the work. Frames follow one
    another: the end of one is the start of the next. Everything is
    judged on predicted watts, with the device's true transition times. The search ends when the
    best is certain, or after ``time``, which is counted in work and not by a clock, so that every
    machine finds the same; ``solve`` says what gap is left.
    Limits: as ``expected_frame``: what a stall draws is assumed. With a period a frame begins
    with a settled rail. Frames are planned to be all alike; the
    state at the moment of planning is not looked at.

    Raises:
        InputError: no time or no memory at all.
    """

    name: ClassVar[str] = "optimal"
    goal: str = choice_param("what is least", "time", *GOALS)
    deadline: int | None = optional_time_param("longest time of a frame, or auto: the period")
    gap: float = number_param("the gap at which to stop; for time after 0.3 s", 5e-4, 0, 0.1)

    time: int = time_param("work of the search, as time of the reference machine", TIME_NS)
    memory: int = bytes_param("memory that its tables may take", MEMORY_BYTES)

    def __post_init__(self) -> None:
        Budget(self.time, self.memory)  # refuses what leaves nothing to search with

    def plan(self, view: View) -> Plan:
        """Return the plan of the solution."""
        return self.solve(view).plan

    def solve(self, view: View) -> Solution:
        """Return the plan with what it is expected to do, and the bound that certifies it."""
        return self._of(tradeoff_of(view, self.gap, Budget(self.time, self.memory)), view)

    def gap_left(self, view: View) -> float | None:
        """Return the gap that the search for a view left; None where that was not a moment ago."""
        known = recent(view)
        return None if known is None else self._of(known, view).gap

    def was_cut(self, view: View) -> bool:
        """Return whether a slow machine's clock has ended the search for a view a moment ago."""
        known = recent(view)
        return known is not None and known.cut

    def _of(self, tradeoff: Tradeoff, view: View) -> Solution:
        if self.goal == "time":
            return tradeoff.least_time
        deadline_ns = view.period_ns if self.deadline is None else self.deadline
        return tradeoff.least(POWERS[self.goal], deadline_ns)
