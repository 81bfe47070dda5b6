"""The planner: asks the governor, clamps what it wishes, and masks what a world bars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from dfsrt.base.arrays import Floats, Ints
from dfsrt.device.boundary import guaranteed_at
from dfsrt.device.npu import Domain
from dfsrt.governor.family import Rule, family_of
from dfsrt.governor.governor import Governor, sees_cap, sees_queue
from dfsrt.governor.kept import kept_in_ramps
from dfsrt.governor.plan import Plan
from dfsrt.governor.queue_view import QueueWorkload
from dfsrt.governor.view import Telemetry, View
from dfsrt.power.at_memory import table_at
from dfsrt.power.table import LayerTable
from dfsrt.run.bounds import Bounds, bounded_plan, bounded_view
from dfsrt.run.cap import PowerCap
from dfsrt.run.clamp import clamp, planned
from dfsrt.run.idle_tables import IdlePolicy
from dfsrt.run.machine import Machine
from dfsrt.run.outlook import first_view
from dfsrt.run.queue_state import Queue
from dfsrt.run.snapshot import queue_view
from dfsrt.run.speeds import Speeds, speeds_of


@dataclass(frozen=True, slots=True)
class Planned:
    """Clamped plans one after another, ``(n_plans * n_layers,)`` each.

    ``rule`` picks among them by ``speeds``, ``start`` is where the first one begins.
    """

    level: Ints
    rail_uv: Ints
    rule: int = Rule.FIXED
    start: int = 0
    speeds: Speeds | None = None


class Planner:
    """Makes plans for one run; ``period_ns`` is what governors are told of arrivals.

    In a world (``binds``) limits mask the plans of governors that look at no cap, too, and a plan
    for what has been met before is not made anew, unless there is telemetry or the governor sees
    the queue. ``workloads`` is what such a governor is told of them, ``idle`` what idle time is by.
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
    ) -> None:
        self._workloads, self._sees_queue = workloads, sees_queue(governor)
        self._governor, self._binds, self._domain = governor, binds, cap.domain
        self._levels, self._memory = table.levels, table.levels.n_memory - 1  # at its highest
        self._table = table = table_at(table, self._memory)
        npu_w = None if cap.domain is Domain.NPU else table.predicted_w
        self._first = replace(first_view(table, cap, period_ns, idle), npu_predicted_w=npu_w)
        self._plans: dict[tuple[Bounds, int, int], Planned] = {}

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
        met = (bounds, int(m.level), rail_uv)
        if met in self._plans and telemetry is None:
            return self._plans[met]
        here = self._levels.at(self._memory)
        view = replace(
            bounded_view(self._first, self._domain, bounds),
            predicted_w=predicted_w[:, here],
            level=int(self._levels.core[m.level]),
            rail_uv=rail_uv,
            telemetry=telemetry,
            now_ns=now_ns,
            queue=queue_view(q, self._workloads, now_ns) if self._sees_queue else None,
        )
        plan = self._planned(view, bounds)
        plan = replace(plan, level=plan.level + here.start)
        if self._binds and (plan.rule or not self._sees_queue):
            self._plans[met] = plan  # a family is the same whoever is here
        return plan

    def _planned(self, view: View, bounds: Bounds) -> Planned:
        family = family_of(self._governor, view) if self._sees_queue else None
        if family is None:
            plan = self._bounded(
                self._of_all(view) if self._sees_queue else self._wish(view), bounds
            )
            return Planned(plan.level, plan.rail_uv)
        opps, n_layers = self._table.npu.opps, view.n_layers
        plans = tuple(self._bounded(clamp(p, opps, n_layers), bounds) for p in family.plans)
        return Planned(
            np.concatenate([plan.level for plan in plans]),
            np.concatenate([plan.rail_uv for plan in plans]),
            family.rule,
            family.start * n_layers,
            speeds_of(view, replace(family, plans=plans), self._workloads),
        )

    def _bounded(self, plan: Plan, bounds: Bounds) -> Plan:
        if not self._binds:
            return plan
        return bounded_plan(plan, self._table, self._domain, bounds, sees_cap(self._governor))

    def _of_all(self, view: View) -> Plan:
        """Return one plan for all networks, each kept to the cap in ramps."""
        plan = clamp(self._governor.plan(view), self._table.npu.opps, view.n_layers)
        if not sees_cap(self._governor):
            return plan
        parts = [
            kept_in_ramps(view.of_layers(first, stop), _part(plan, first, stop))
            for first, stop in self._table.sections
        ]
        return _joined(parts)

    def _wish(self, view: View) -> Plan:
        opps = self._table.npu.opps
        plans = [
            planned(self._governor, view.of_layers(first, stop), opps)
            for first, stop in self._table.sections
        ]
        return _joined(plans)


def _part(plan: Plan, first: int, stop: int) -> Plan:
    return Plan(plan.level[first:stop], plan.rail_uv[first:stop])


def _joined(plans: Sequence[Plan]) -> Plan:
    return Plan(
        np.concatenate([plan.level for plan in plans]),
        np.concatenate([plan.rail_uv for plan in plans]),
    )
