"""The planner: asks the governor, section by section, and clamps what it wishes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dfsrt.base.arrays import Floats
from dfsrt.device.boundary import guaranteed_at
from dfsrt.governor.governor import Governor
from dfsrt.governor.plan import Plan
from dfsrt.governor.view import Telemetry
from dfsrt.power.table import LayerTable
from dfsrt.run.cap import PowerCap
from dfsrt.run.clamp import clamp
from dfsrt.run.machine import Machine
from dfsrt.run.outlook import first_view


class Planner:
    """Makes plans for one run; ``period_ns`` is what governors are told of arrivals."""

    def __init__(
        self, table: LayerTable, governor: Governor, cap: PowerCap, period_ns: int | None
    ) -> None:
        self._table, self._governor = table, governor
        self._first = first_view(table, cap, period_ns)

    def plan(
        self,
        m: Machine,
        now_ns: int,
        predicted_w: Floats,
        cap_w: float,
        telemetry: Telemetry | None,
    ) -> Plan:
        """Return what the governor wishes now, clamped.

        ``predicted_w`` is in the cap's domain, ``(n_layers, n_levels, n_set_points)``.
        """
        view = replace(
            self._first,
            predicted_w=predicted_w,
            cap_w=cap_w,
            level=int(m.level),
            rail_uv=int(guaranteed_at(now_ns, m.from_uv, m.to_uv, m.settled_ns)),
            telemetry=telemetry,
        )
        opps = self._table.npu.opps
        plans = [
            clamp(self._governor.plan(view.of_layers(first, stop)), opps, stop - first)
            for first, stop in self._table.sections
        ]
        return Plan(
            np.concatenate([plan.level for plan in plans]),
            np.concatenate([plan.rail_uv for plan in plans]),
        )
