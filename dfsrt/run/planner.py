"""The planner: asks the governor, clamps what it wishes, and masks what a world bars."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dfsrt.base.arrays import Floats
from dfsrt.device.boundary import guaranteed_at
from dfsrt.device.npu import Domain
from dfsrt.governor.governor import Governor, sees_cap
from dfsrt.governor.plan import Plan
from dfsrt.governor.view import Telemetry, View
from dfsrt.power.table import LayerTable
from dfsrt.run.bounds import Bounds, bounded_plan, bounded_view
from dfsrt.run.cap import PowerCap
from dfsrt.run.clamp import planned
from dfsrt.run.machine import Machine
from dfsrt.run.outlook import first_view


class Planner:
    """Makes plans for one run; ``period_ns`` is what governors are told of arrivals.

    In a world (``binds``) limits mask the plans of governors that look at no cap, too, and a plan
    for what has been met before is not made anew, unless there is telemetry.
    """

    def __init__(
        self,
        table: LayerTable,
        governor: Governor,
        cap: PowerCap,
        period_ns: int | None,
        binds: bool,
    ) -> None:
        self._table, self._governor, self._binds = table, governor, binds
        self._domain = cap.domain
        npu_w = None if cap.domain is Domain.NPU else table.predicted_w
        self._first = replace(first_view(table, cap, period_ns), npu_predicted_w=npu_w)
        self._plans: dict[tuple[Bounds, int, int], Plan] = {}

    def plan(
        self,
        m: Machine,
        now_ns: int,
        predicted_w: Floats,
        bounds: Bounds,
        telemetry: Telemetry | None,
    ) -> Plan:
        """Return what the governor wishes now, clamped.

        ``predicted_w`` is in the cap's domain, ``(n_layers, n_levels, n_set_points)``.
        """
        rail_uv = int(guaranteed_at(now_ns, m.from_uv, m.to_uv, m.settled_ns))
        met = (bounds, int(m.level), rail_uv)
        if met in self._plans and telemetry is None:
            return self._plans[met]
        view = replace(
            bounded_view(self._first, self._domain, bounds),
            predicted_w=predicted_w,
            level=int(m.level),
            rail_uv=rail_uv,
            telemetry=telemetry,
        )
        plan = self._wish(view)
        if self._binds:
            aware = sees_cap(self._governor)
            plan = bounded_plan(plan, self._table, self._domain, bounds, aware)
            self._plans[met] = plan
        return plan

    def _wish(self, view: View) -> Plan:
        opps = self._table.npu.opps
        plans = [
            planned(self._governor, view.of_layers(first, stop), opps)
            for first, stop in self._table.sections
        ]
        return Plan(
            np.concatenate([plan.level for plan in plans]),
            np.concatenate([plan.rail_uv for plan in plans]),
        )
