"""Conformance of schedules: subclass, name yours or say how to make it; pytest collects the rest.

class TestMine(ScheduleConformance):
    schedule = "mine.py:Mine:reserve=64KiB"


class TestOther(ScheduleConformance):
    def make(self):
        return Other()
"""

from __future__ import annotations

import copy
from typing import ClassVar

from dfsrt.cost.schedule import Schedule, make_schedule
from dfsrt.cost.schedule.check import check_plan
from dfsrt.cost.schedule.planned import planned_traffic
from dfsrt.testing.works import least_bytes, odd_works


class ScheduleConformance:
    """What every schedule must do, whatever its policy.

    ``schedule`` names the one under test as ``--schedule`` does, a Python file's path from where
    pytest is run.
    """

    schedule: ClassVar[str] = ""

    def make(self) -> Schedule:
        """Return a fresh schedule; each test calls this anew.

        Raises:
            NotImplementedError: a subclass that neither names one nor makes one.
        """
        if not self.schedule:
            raise NotImplementedError("set 'schedule' to a name, or return an instance from 'make'")
        return make_schedule(self.schedule)

    def test_a_plan_can_be_kept_on_chip(self) -> None:
        """Maps, rows and parts fit beside each other, groups are whole, the caller's maps cross."""
        for work in odd_works().values():
            check_plan(work, self.make().plan(work))

    def test_tiles_fit_beside_what_is_kept(self) -> None:
        """Every layer can be tiled in what its plan leaves of the buffer."""
        for what, work in odd_works().items():
            traffic = planned_traffic(work, self.make().plan(work))
            assert len(traffic) == len(work.layers), what

    def test_nothing_that_must_cross_is_left_out(self) -> None:
        """Weights, unless they lie apart, and what comes from the caller or goes there."""
        for what, work in odd_works().items():
            plan = self.make().plan(work)
            moved = sum(each.dram_bytes for each in planned_traffic(work, plan))
            assert moved >= least_bytes(work), what

    def test_the_same_work_gives_the_same_plan(self) -> None:
        """A fresh schedule has no memory and no dice."""
        for what, work in odd_works().items():
            assert self.make().plan(work) == self.make().plan(work), what

    def test_planning_leaves_the_work_as_it_was(self) -> None:
        """Layers and memory belong to dfsrt, and others plan with them too."""
        for what, work in odd_works().items():
            before = copy.deepcopy(work)
            self.make().plan(work)
            assert work == before, what
