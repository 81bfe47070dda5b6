"""The planner: asks the governor, clamps what it wishes, and masks what a world bars."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import TypeVar

import numpy as np

from dfsrt.base.arrays import Floats, Ints
from dfsrt.device.boundary import guaranteed_at
from dfsrt.device.npu import Domain
from dfsrt.governor.family import Family, Rule, family_of
from dfsrt.governor.governor import Governor, sees_cap, sees_queue
from dfsrt.governor.kept import kept_in_ramps
from dfsrt.governor.memory_view import MemoryView
from dfsrt.governor.plan import Plan
from dfsrt.governor.queue_view import QueueWorkload
from dfsrt.governor.view import Telemetry, View
from dfsrt.power.at_memory import table_at
from dfsrt.power.table import LayerTable
from dfsrt.run.bounds import Bounds, bounded_plan, bounded_view
from dfsrt.run.cap import PowerCap
from dfsrt.run.clamp import along, clamp, planned, points_of
from dfsrt.run.idle_tables import IdlePolicy
from dfsrt.run.machine import Machine
from dfsrt.run.memory_plans import asked_ahead, at_point, held_back
from dfsrt.run.memory_policy import MemoryClock, MemoryPolicy
from dfsrt.run.outlook import first_view
from dfsrt.run.queue_state import Queue
from dfsrt.run.snapshot import queue_view
from dfsrt.run.speeds import Speeds, speeds_of

Made = TypeVar("Made")
ViewAt = Callable[[int], View]


@dataclass(frozen=True, slots=True)
class Planned:
    """Clamped plans one after another, ``(n_plans * n_memory * n_layers,)`` each.

    Each plan is there for every point that the memory may be at; ``home`` is where it begins.
    ``rule`` picks among plans by ``speeds``, one for each memory point, ``start`` is where the
    first one begins.
    """

    level: Ints
    rail_uv: Ints
    memory: Ints
    home: int = 0
    rule: int = Rule.FIXED
    start: int = 0
    speeds: tuple[Speeds, ...] = ()


class Planner:
    """Makes plans for one run; ``period_ns`` is what governors are told of arrivals.

    In a world (``binds``) limits mask the plans of governors that look at no cap, too, and a plan
    for what has been met before is not made anew, unless there is telemetry or the governor sees
    the queue. ``workloads`` is what such a governor is told of them, ``idle`` what idle time is by,
    ``memory`` who sets the memory's clock. Where that may change, there is a plan for each point,
    by its own times and watts; a ``blind`` governor's is that for the highest at all of them.
    """

    def __init__(
        self,
        table: LayerTable,
        governor: Governor,
        cap: PowerCap,
        period_ns: int | None,
        binds: bool,
        workloads: tuple[QueueWorkload, ...] = (),
        idle: IdlePolicy | None = None,
        memory: MemoryClock | None = None,
        blind: bool = False,
    ) -> None:
        self._workloads, self._sees_queue = workloads, sees_queue(governor)
        self._governor, self._binds, self._domain = governor, binds, cap.domain
        self._levels, self._blind = table.levels, blind
        self._clock = memory or MemoryClock(table.npu, MemoryPolicy())
        points = range(table.levels.n_memory)
        self._tables = [table_at(table, point) for point in points]
        self._first = [first_view(table, cap, period_ns, idle, point) for point in points]
        self._plans: dict[tuple[Bounds, int, int, int], Planned] = {}

    def plan(
        self,
        m: Machine,
        q: Queue,
        now_ns: int,
        predicted_w: Floats,
        bounds: Bounds,
        telemetry: Telemetry | None,
    ) -> Planned:
        """Return what the governor wishes now, clamped.

        ``predicted_w`` is in the cap's domain, ``(n_layers, n_levels, n_set_points)``.
        """
        rail_uv = int(guaranteed_at(now_ns, m.from_uv, m.to_uv, m.settled_ns))
        met = (bounds, int(m.level), rail_uv, int(m.memory))
        if met in self._plans and telemetry is None:
            return self._plans[met]
        queue = queue_view(q, self._workloads, now_ns) if self._sees_queue else None
        core = int(self._levels.core[m.level])

        @cache
        def view_at(point: int) -> View:
            return replace(
                self._view(point, predicted_w, bounds),
                level=core,
                rail_uv=rail_uv,
                telemetry=telemetry,
                now_ns=now_ns,
                queue=queue,
            )

        plan = self._planned(view_at, int(m.memory), bounds)
        if self._binds and (plan.rule or not self._sees_queue):
            self._plans[met] = plan  # a family is the same whoever is here
        return plan

    def _view(self, point: int, predicted_w: Floats, bounds: Bounds) -> View:
        """Return what the governor sees with the memory at a point, but for the state now."""
        view, table = self._first[point], self._tables[point]
        seen = None if self._blind or view.memory is None else view.memory
        return replace(
            bounded_view(view, self._domain, bounds),
            predicted_w=predicted_w[:, self._levels.at(point)],
            npu_predicted_w=None if self._domain is Domain.NPU else table.predicted_w,
            memory=None if seen is None else self._seen(seen, predicted_w),
        )

    def _seen(self, memory: MemoryView, predicted_w: Floats) -> MemoryView:
        """Return what is known of the memory's clock, with the watts that are predicted now."""
        watts = predicted_w.reshape(memory.predicted_w.shape)
        return replace(memory, free=self._clock.free, predicted_w=watts)

    def _planned(self, view_at: ViewAt, here: int, bounds: Bounds) -> Planned:
        families = self._families(view_at, here) if self._sees_queue else None
        if families is None:
            return self._laid_out([self._each_point(view_at, here, bounds)], view_at(here), here)
        opps, n_layers = self._tables[0].npu.opps, view_at(here).n_layers
        rows = max(len(family.plans) for family in families)
        plans = [
            [self._bounded(clamp(p, opps, n_layers), bounds, point) for p in family.plans]
            for point, family in enumerate(families)
        ]
        blocks = [[of[min(row, len(of) - 1)] for of in plans] for row in range(rows)]
        speeds = self._at_each(
            lambda point: speeds_of(
                view_at(point),
                replace(families[point], plans=tuple(plans[point])),
                self._workloads,
                len(plans),
            ),
            here,
        )
        first = self._laid_out(blocks, view_at(here), here, families[here].start)
        return replace(first, rule=families[here].rule, speeds=tuple(speeds))

    def _at_each(self, make: Callable[[int], Made], here: int) -> list[Made]:
        """Return what is made for each memory point, the same for those that see the same.

        So does a blind governor, and one whose memory never leaves the point that it is at.
        """
        points = range(len(self._tables))
        if self._blind:
            return [make(points[-1])] * len(points)
        own = make(here)
        if self._clock.free or self._clock.fixed:
            return [own] * len(points)
        return [own if point == here else make(point) for point in points]

    def _families(self, view_at: ViewAt, here: int) -> list[Family] | None:
        made = self._at_each(lambda point: family_of(self._governor, view_at(point)), here)
        families = [family for family in made if family is not None]
        return families if len(families) == len(made) else None

    def _each_point(self, view_at: ViewAt, here: int, bounds: Bounds) -> list[Plan]:
        make, sees = self._of_all if self._sees_queue else self._wish, sees_cap(self._governor)
        plans = self._at_each(lambda point: make(view_at(point)), here)
        return [
            self._bounded(at_point(plan, view_at, point) if sees else plan, bounds, point)
            for point, plan in enumerate(plans)
        ]

    def _laid_out(
        self, rows: Sequence[Sequence[Plan]], view: View, here: int, start: int = 0
    ) -> Planned:
        """Return plans by row and memory point one after another; a run begins with ``start``."""
        plans = [(point, plan) for row in rows for point, plan in enumerate(row)]
        first = rows[start][here]
        home = self._points(first)[0] if first.memory is None else first.memory[0]
        return Planned(
            np.concatenate([plan.level + self._levels.at(point).start for point, plan in plans]),
            np.concatenate([plan.rail_uv for _, plan in plans]),
            np.concatenate([self._asked(plan, view) for _, plan in plans]),
            int(home),
            start=start * len(rows[0]) * view.n_layers,
        )

    def _points(self, plan: Plan) -> Ints:
        """Return the memory points that are to go with a plan which says none, ``(n_layers,)``."""
        if self._clock.follows is not None:
            return self._clock.follows[plan.level]
        return np.full(len(plan.level), self._clock.target)

    def _asked(self, plan: Plan, view: View) -> Ints:
        """Return the memory point to ask for at each layer, ``(n_layers,)``."""
        if plan.memory is None or view.memory is None:
            return self._points(plan)
        ran = along(view, plan).duration_ns[np.arange(view.n_layers), plan.level]
        delay_ns, period_ns = view.memory.delay_ns, view.period_ns
        asked = []
        for a, b in self._tables[0].sections:
            memory, level = plan.memory[a:b], plan.level[a:b]
            spent = ran[a:b] + view.stall_ns[np.roll(level, 1), level]
            spent += view.memory.stall_ns * (memory != np.roll(memory, 1))
            ahead = asked_ahead(memory, spent, delay_ns, period_ns)
            asked.append(held_back(memory, ahead) if delay_ns else ahead)
        return np.concatenate(asked)

    def _bounded(self, plan: Plan, bounds: Bounds, point: int) -> Plan:
        if not self._binds:
            return plan
        table, sees = self._tables[point], sees_cap(self._governor)
        return replace(bounded_plan(plan, table, self._domain, bounds, sees), memory=plan.memory)

    def _of_all(self, view: View) -> Plan:
        """Return one plan for all networks, each kept to the cap in ramps."""
        opps = self._tables[0].npu.opps
        plan = clamp(self._governor.plan(view), opps, view.n_layers, points_of(view))
        if not sees_cap(self._governor):
            return plan
        parts = [
            kept_in_ramps(view.of_layers(first, stop), _part(plan, first, stop))
            for first, stop in self._tables[0].sections
        ]
        return _joined(parts)

    def _wish(self, view: View) -> Plan:
        opps = self._tables[0].npu.opps
        plans = [
            planned(self._governor, view.of_layers(first, stop), opps)
            for first, stop in self._tables[0].sections
        ]
        return _joined(plans)


def _part(plan: Plan, first: int, stop: int) -> Plan:
    memory = None if plan.memory is None else plan.memory[first:stop]
    return Plan(plan.level[first:stop], plan.rail_uv[first:stop], memory)


def _joined(plans: Sequence[Plan]) -> Plan:
    memory = [plan.memory for plan in plans if plan.memory is not None]
    return Plan(
        np.concatenate([plan.level for plan in plans]),
        np.concatenate([plan.rail_uv for plan in plans]),
        np.concatenate(memory) if len(memory) == len(plans) else None,
    )
