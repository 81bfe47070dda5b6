"""What the world leaves the NPU, and how that binds plans."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from dfsrt.base.arrays import Floats, Ints
from dfsrt.device.npu import Domain
from dfsrt.governor.plan import Plan
from dfsrt.governor.view import View
from dfsrt.power.table import LayerTable
from dfsrt.world.state import FASTEST
from dfsrt.world.world import World


@dataclass(frozen=True, slots=True)
class Bounds:
    """Limits of a moment.

    ``cap_w`` is in the cap's domain; ``npu_w`` are watts of the NPU's own, as thermal zones grant
    them, whatever the cap's domain; ``max_level`` is the fastest level that trips leave.
    """

    cap_w: float
    npu_w: float = math.inf
    max_level: int = FASTEST


def bounds_of(world: World) -> Bounds:
    """Return the limits that a world sets now."""
    state = world.state
    return Bounds(float(state.cap_w), float(state.npu_limit_w), int(state.max_level))


def bounded_view(view: View, domain: Domain, bounds: Bounds) -> View:
    """Return the view under limits.

    In domain ``npu`` both limits are of the NPU's own watts: the lesser is the cap.
    """
    if domain is Domain.NPU:
        return replace(view, cap_w=min(bounds.cap_w, bounds.npu_w))
    return replace(view, cap_w=bounds.cap_w, npu_limit_w=bounds.npu_w)


def bounded_plan(
    plan: Plan, table: LayerTable, domain: Domain, bounds: Bounds, sees_cap: bool
) -> Plan:
    """Return a clamped plan, lowered to what the world leaves; ``sees_cap`` is the governor's.

    A masked point takes its voltage along, as devfreq sets both together. The grant of a thermal
    zone holds for every governor: each layer runs at the fastest level, up to the planned one,
    whose predicted power at the planned voltage is within it, else at the slowest.
    """
    highest = _highest(table, domain, bounds, sees_cap)
    needs_uv = np.array(table.npu.opps.rails_uv)[highest]
    level, rail_uv = np.minimum(plan.level, highest), np.minimum(plan.rail_uv, needs_uv)
    if np.isfinite(bounds.npu_w):
        point = np.searchsorted(np.array(table.npu.opps.set_points_uv), rail_uv)
        layers = np.arange(len(level))
        level = np.minimum(level, _fastest(table.predicted_w[layers, :, point], bounds.npu_w))
    return Plan(level, rail_uv)


def _highest(table: LayerTable, domain: Domain, bounds: Bounds, sees_cap: bool) -> Ints:
    """Return the fastest level that the world leaves each layer, ``(n_layers,)``.

    Trips mask the points above it. Limits in watts bind governors that look at no cap, too: as
    the kernel's power2state, at the fastest point whose power, the most that a layer of the
    network is predicted to take there, is within them.
    """
    n_layers, n_levels = table.duration_ns.shape
    highest = np.full(n_layers, min(bounds.max_level, n_levels - 1))
    if sees_cap:
        return highest
    own = np.searchsorted(table.npu.opps.set_points_uv, table.npu.opps.rails_uv)
    levels = np.arange(n_levels)
    for npu_domain, limit_w in ((domain, bounds.cap_w), (Domain.NPU, bounds.npu_w)):
        watts = table.predicted_in(npu_domain)[:, levels, own]
        for first, stop in table.sections:
            hungriest_w = watts[first:stop].max(axis=0, keepdims=True)
            highest[first:stop] = np.minimum(highest[first:stop], _fastest(hungriest_w, limit_w))
    return highest


def _fastest(watts: Floats, limit_w: float) -> Ints:
    """Return the fastest level within a limit, else 0, of ``watts`` ``(n, n_levels)``."""
    return np.asarray(np.where(watts <= limit_w, np.arange(watts.shape[1]), 0).max(axis=1))
