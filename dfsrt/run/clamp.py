"""Clamping: a governor's wish, made into something the device can be asked for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dfsrt.base.arrays import Ints
from dfsrt.base.errors import DfsrtError
from dfsrt.device.opp import OppTable
from dfsrt.governor.governor import Governor, sees_cap
from dfsrt.governor.kept import kept_in_ramps
from dfsrt.governor.plan import Plan
from dfsrt.governor.view import View

_FAR = 1e15
"""Beyond any level or voltage; a wish out there is clamped like any other."""


class PlanError(DfsrtError):
    """A governor returned something that is no plan."""


def planned(governor: Governor, view: View, opps: OppTable) -> Plan:
    """Return what a governor wishes, clamped: to what the device has, and to the cap in ramps.

    The second is for governors that look at the cap: see ``kept_in_ramps``.

    Raises:
        PlanError: what it returned is no plan.
    """
    plan = clamp(governor.plan(view), opps, view.n_layers, points_of(view))
    if not sees_cap(governor):
        return plan
    return kept_in_ramps(view, plan)


def points_of(view: View) -> int:
    """Return how many memory points a plan may choose from; 0 where others choose."""
    return len(view.memory.freqs_hz) if view.memory is not None and view.memory.free else 0


def along(view: View, plan: Plan) -> View:
    """Return the view with each layer as it is at the memory point that the plan gives it.

    Limits: what the NPU alone draws is that of the present point where the cap is of more.
    """
    if plan.memory is None or view.memory is None:
        return view
    at, seen = (np.arange(view.n_layers), plan.memory), view.memory
    return replace(view, duration_ns=seen.duration_ns[at], predicted_w=seen.predicted_w[at])


def clamp(plan: Plan, opps: OppTable, n_layers: int, n_memory: int = 0) -> Plan:
    """Return ``plan`` with rails snapped up to set points and levels kept inside the table.

    A level that needs more than its layer's rail set point is lowered to the fastest one that
    the set point allows (rule 1). A memory point is one of the ``n_memory`` that there are to
    choose from, else none.

    Raises:
        PlanError: an array of another length, or a value that is no number.
    """
    if not (hasattr(plan, "level") and hasattr(plan, "rail_uv")):
        raise PlanError(f"the governor returned {plan!r}; return a Plan with level and rail_uv")
    level = _whole(plan.level, n_layers, "level")
    wish = _whole(plan.rail_uv, n_layers, "rail_uv")
    set_points = np.array(opps.set_points_uv)
    rail = set_points[np.minimum(np.searchsorted(set_points, wish), len(set_points) - 1)]
    highest = np.searchsorted(np.array(opps.rails_uv), rail, side="right") - 1
    memory = getattr(plan, "memory", None) if n_memory else None
    if memory is not None:
        memory = np.clip(_whole(memory, n_layers, "memory"), 0, n_memory - 1)
    return Plan(np.clip(level, 0, highest), rail, memory)


def _whole(values: object, n_layers: int, what: str) -> Ints:
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise PlanError(f"the plan's {what} is no array of numbers; give one per layer") from error
    if np.isfinite(array).all() and (array != np.rint(array)).any():
        raise PlanError(f"the plan's {what} has fractions; return whole numbers")
    if array.shape != (n_layers,) or not np.isfinite(array).all():
        raise PlanError(
            f"the plan's {what} has shape {array.shape} or values that are not finite; "
            f"return {n_layers} finite numbers, one per layer"
        )
    return np.clip(array, -_FAR, _FAR).astype(np.int64)
