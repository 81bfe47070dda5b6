"""A family: plans from slow to fast, of which a rule in the loop picks one at each event."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol, runtime_checkable

import numpy as np

from dfsrt.base.arrays import Ints
from dfsrt.base.errors import InputError
from dfsrt.governor.governor import Governor
from dfsrt.governor.plan import Plan, highest_that_fits
from dfsrt.governor.queue_view import Program, QueueWorkload
from dfsrt.governor.view import View


class Rule(IntEnum):
    """What picks a plan of a family; ``dfsrt.run.replan`` has each."""

    FIXED = 0
    PACE = 1
    CC_EDF = 2
    LA_EDF = 3
    CC_RM = 4


@dataclass(frozen=True, slots=True)
class Family:
    """Plans for all layers, slowest first; a run starts with number ``start``.

    ``static`` is the one that would do for the worst case, held throughout.
    """

    plans: tuple[Plan, ...]
    rule: Rule
    start: int
    static: int


@runtime_checkable
class FamilyGovernor(Protocol):
    """A governor that gives a family in place of a plan at each event."""

    def family(self, view: View) -> Family | None:
        """Return the plans and the rule that picks among them, or None where it has none."""
        ...


def family_of(governor: Governor, view: View) -> Family | None:
    """Return a governor's family for a view; None of one that has none.

    Raises:
        InputError: what it returned is no family.
    """
    family = governor.family(view) if isinstance(governor, FamilyGovernor) else None
    if family is not None and not isinstance(family, Family):
        raise InputError(f"the governor's family is {family!r}; return a Family, or None")
    return family


def speeds(view: View) -> tuple[Plan, ...]:
    """Return a plan for each speed: all layers at one clock, or the highest below it that fits.

    Each has one rail set point, the voltage of the fastest clock in it, so that another speed moves
    the rail and nothing else does. Those that take no less time than a slower one are left out.
    """
    plans = [_speed(view, level) for level in range(view.top + 1)]
    layers = np.arange(view.n_layers)
    times = [int(view.duration_ns[layers, plan.level].sum()) for plan in plans]
    return tuple(p for k, p in enumerate(plans) if k == 0 or times[k] < min(times[:k]))


def _speed(view: View, level: int) -> Plan:
    allowed = np.arange(view.top + 1) <= level
    rail_uv = int(view.rails_uv[level])
    for _ in range(2):  # again at the voltage that the first answer needs, where more may fit
        point = int(np.searchsorted(view.set_points_uv, rail_uv))
        chosen = highest_that_fits(view.fits()[:, :, point] & allowed)
        rail_uv = int(view.rails_uv[chosen.max(initial=0)])
    return Plan(np.minimum(chosen, _most(view, rail_uv)), np.full(view.n_layers, rail_uv))


def _most(view: View, rail_uv: int) -> int:
    return int(np.searchsorted(view.rails_uv, rail_uv, side="right")) - 1


@dataclass(frozen=True, slots=True)
class RowTimes:
    """How long a family's plans take.

    ``until_ns`` ``(n_plans, n_layers + 1)`` is the time of all layers before each, clock changes
    between neighbours included; ``stall_ns`` ``(n_plans,)`` what the first layer of a step may
    stall, 0 where a plan has one clock throughout.
    """

    until_ns: Ints
    stall_ns: Ints

    def of(self, program: Program) -> Ints:
        """Return the time on the NPU of a program, by plan, ``(n_plans,)``."""
        total = np.zeros(len(self.stall_ns), dtype=np.int64)
        for step in program:
            if not step.host_ns:
                span = self.until_ns[:, step.stop] - self.until_ns[:, step.first]
                total += span + self.stall_ns
        return total

    def worst(self, task: QueueWorkload) -> Ints:
        """Return the time of a workload's largest program, by plan, ``(n_plans,)``."""
        return np.asarray(np.max([self.of(program) for program in task.programs], axis=0))

    def longest(self, task: QueueWorkload) -> Ints:
        """Return the time of a workload's longest layer, by plan, ``(n_plans,)``."""
        single, longest = np.diff(self.until_ns), np.zeros(len(self.stall_ns), dtype=np.int64)
        for step in (step for program in task.programs for step in program):
            if step.stop > step.first:
                longest = np.maximum(longest, single[:, step.first : step.stop].max(axis=1))
        return np.asarray(longest + self.stall_ns)


def row_times(view: View, plans: tuple[Plan, ...]) -> RowTimes:
    """Return how long ``plans`` take."""
    rows, layers = len(plans), np.arange(view.n_layers)
    until = np.zeros((rows, view.n_layers + 1), dtype=np.int64)
    stall = np.zeros(rows, dtype=np.int64)
    for row, plan in enumerate(plans):
        spent = view.duration_ns[layers, plan.level].copy()
        spent[1:] += view.stall_ns[plan.level[:-1], plan.level[1:]]
        until[row, 1:] = np.cumsum(spent)
        if (plan.level != plan.level[0]).any():
            stall[row] = view.stall_ns.max(initial=0)
    return RowTimes(until, stall)
