"""The planner: asks the governor, clamps what it wishes, and masks what a world bars."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from dfsrt.base.arrays import Floats, Ints
from dfsrt.device.boundary import guaranteed_at
from dfsrt.device.npu import Domain
from dfsrt.governor.governor import Governor, sees_cap
from dfsrt.governor.plan import Plan
from dfsrt.governor.view import Telemetry, View
from dfsrt.power.table import LayerTable
from dfsrt.run.cap import PowerCap
from dfsrt.run.clamp import clamp
from dfsrt.run.machine import Machine
from dfsrt.run.outlook import first_view
from dfsrt.world.state import FASTEST


class Limits(NamedTuple):
    """What holds at the moment of planning.

    ``cap_w`` is in the cap's domain. A world also limits the NPU's own watts and the clock, and
    ``binds`` governors that look at no cap.
    """

    cap_w: float
    npu_limit_w: float = math.inf
    max_level: int = FASTEST
    binds: bool = False


class Planner:
    """Makes plans for one run; ``period_ns`` is what governors are told of arrivals."""

    def __init__(
        self, table: LayerTable, governor: Governor, cap: PowerCap, period_ns: int | None
    ) -> None:
        self._table, self._governor = table, governor
        npu_w = None if cap.domain is Domain.NPU else table.predicted_w
        self._first = replace(first_view(table, cap, period_ns), npu_predicted_w=npu_w)
        self._plans: dict[tuple[Limits, int, int], Plan] = {}

    def plan(
        self,
        m: Machine,
        now_ns: int,
        predicted_w: Floats,
        limits: Limits,
        telemetry: Telemetry | None,
    ) -> Plan:
        """Return what the governor wishes now, clamped.

        ``predicted_w`` is in the cap's domain, ``(n_layers, n_levels, n_set_points)``. In a world
        a plan for what has been met before is not made anew, unless telemetry is new.
        """
        rail_uv = int(guaranteed_at(now_ns, m.from_uv, m.to_uv, m.settled_ns))
        met = (limits, int(m.level), rail_uv)
        if met in self._plans and telemetry is None:
            return self._plans[met]
        view = replace(
            self._first,
            predicted_w=predicted_w,
            cap_w=limits.cap_w,
            npu_limit_w=limits.npu_limit_w,
            level=int(m.level),
            rail_uv=rail_uv,
            telemetry=telemetry,
        )
        plan = self._masked(self._wish(view), view, limits)
        if limits.binds:
            self._plans[met] = plan
        return plan

    def _wish(self, view: View) -> Plan:
        opps = self._table.npu.opps
        plans = [
            clamp(self._governor.plan(view.of_layers(first, stop)), opps, stop - first)
            for first, stop in self._table.sections
        ]
        return Plan(
            np.concatenate([plan.level for plan in plans]),
            np.concatenate([plan.rail_uv for plan in plans]),
        )

    def _masked(self, plan: Plan, view: View, limits: Limits) -> Plan:
        """Return the plan without points that the world bars."""
        if not limits.binds:
            return plan
        highest = self._highest(view, limits)
        # A masked point takes its voltage along, as devfreq sets both together.
        rail_uv = np.minimum(plan.rail_uv, view.rails_uv[highest])
        level = np.minimum(plan.level, highest)
        if limits.npu_limit_w < math.inf and sees_cap(self._governor):
            level = np.minimum(level, self._within_npu_limit(rail_uv, limits.npu_limit_w))
        return Plan(level, rail_uv)

    def _highest(self, view: View, limits: Limits) -> Ints:
        """The fastest level that the world leaves each layer, ``(n_layers,)``.

        A trip masks the points above it. A limit in watts binds governors that look at no cap,
        too: as the kernel's power2state, at the fastest point whose power, the most that a layer
        of the network is predicted to take there, is within it.
        """
        highest = np.full(view.n_layers, min(limits.max_level, view.top))
        if sees_cap(self._governor) or math.isinf(min(limits.cap_w, limits.npu_limit_w)):
            return highest
        fits = view.own_fits()
        for first, stop in self._table.sections:
            fitting = np.flatnonzero(fits[first:stop].all(axis=0))
            highest[first:stop] = np.minimum(highest[first:stop], fitting.max(initial=0))
        return highest

    def _within_npu_limit(self, rail_uv: Ints, limit_w: float) -> Ints:
        """The fastest level whose NPU power is within a limit at each layer's voltage.

        ``rail_uv`` and the result are ``(n_layers,)``; level 0 where none is.
        """
        set_points = np.array(self._table.npu.opps.set_points_uv)
        point = np.searchsorted(set_points, rail_uv)
        watts = self._table.predicted_w[np.arange(len(point)), :, point]
        fits = watts <= limit_w
        top = fits.shape[1] - 1
        return np.where(fits.any(axis=1), top - np.argmax(fits[:, ::-1], axis=1), 0)
