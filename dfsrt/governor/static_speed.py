"""The speed that would do for the worst case, and families of speeds around it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from dfsrt.governor.deadline_test import Task, tasks_of
from dfsrt.governor.family import Family, Rule, row_times, speeds
from dfsrt.governor.governor import BaseGovernor
from dfsrt.governor.plan import Plan
from dfsrt.governor.queue_view import QueueWorkload, WorkStep
from dfsrt.governor.view import View

Keeps = Callable[[Sequence[Task], int], bool]
"""Whether tasks keep their deadlines under a plan by its number."""


def workloads_of(view: View) -> tuple[QueueWorkload, ...]:
    """Return the workloads of a view; without a queue its layers are one, with its period."""
    if view.queue is not None and view.queue.workloads:
        return view.queue.workloads
    program = (WorkStep(0, view.n_layers),)
    return (QueueWorkload("", (program, program, program), view.period_ns),)


def static_plan(view: View, keeps: Keeps) -> Plan:
    """Return the slowest speed at which the worst case keeps its deadlines, else the fastest."""
    family = speed_family(view, keeps, Rule.FIXED)
    return family.plans[family.static]


def speed_family(view: View, keeps: Keeps, rule: Rule) -> Family:
    """Return all speeds with a rule; the run starts at the one that the worst case needs."""
    plans = speeds(view)
    tasks = tasks_of(workloads_of(view), row_times(view, plans))
    static = next((row for row in range(len(plans)) if keeps(tasks, row)), len(plans) - 1)
    return Family(plans, rule, static, static)


class StaticSpeed(BaseGovernor):
    """What governors of one speed share: the test that says which is enough for the worst case."""

    sees_queue: ClassVar[bool] = True

    @staticmethod
    def keeps(tasks: Sequence[Task], row: int) -> bool:
        """Return whether tasks keep their deadlines under a plan by its number."""
        raise NotImplementedError

    def plan(self, view: View) -> Plan:
        """Return the speed that the worst case needs."""
        return static_plan(view, self.keeps)


class ChangingSpeed(StaticSpeed):
    """What governors share whose speed the loop picks, by the rule that they name."""

    rule: ClassVar[Rule]

    def family(self, view: View) -> Family:
        """Return all speeds, and the rule."""
        return speed_family(view, self.keeps, self.rule)
