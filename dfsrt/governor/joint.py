"""Core and memory in one: a view whose levels are pairs of a core's clock and a memory point."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dfsrt.base.arrays import Floats
from dfsrt.governor.plan import Plan
from dfsrt.governor.view import View


def chooses(view: View) -> bool:
    """Whether a plan for a view may say memory points, and has more than one to choose from."""
    memory = view.memory
    return memory is not None and memory.free and len(memory.freqs_hz) > 1 and not view.joint


def joint_view(view: View) -> View:
    """Return a view of which a level is ``memory * n_core + core``, where its memory is free.

    Stalls of both are added where both change. Where a plan may not choose it is the same view.
    """
    memory = view.memory
    if memory is None or not chooses(view):
        return view
    count, npu_w = len(memory.freqs_hz), memory.npu_predicted_w
    same = np.tile(view.stall_ns, (count, count))
    point = np.repeat(np.arange(count), len(view.freqs_hz))
    return replace(
        view,
        freqs_hz=np.tile(view.freqs_hz, count),
        rails_uv=np.tile(view.rails_uv, count),
        duration_ns=memory.duration_ns.reshape(view.n_layers, -1),
        predicted_w=_levels(memory.predicted_w),
        npu_predicted_w=None if npu_w is None else _levels(npu_w),
        stall_ns=same + memory.stall_ns * (point[:, None] != point),
        level=memory.level * len(view.freqs_hz) + view.level,
        joint=True,
    )


def _levels(watts: Floats) -> Floats:
    """Watts with one axis for both clocks, ``(n_layers, n_memory * n_levels, n_set_points)``."""
    return watts.reshape(len(watts), -1, watts.shape[-1])


def joined(view: View, plan: Plan) -> Plan:
    """Return a plan for core and memory as one of a joint view, whose levels say both.

    Layers of a plan that says no memory are at the view's own point.
    """
    if not view.joint or view.memory is None:
        return plan
    memory = view.memory.level if plan.memory is None else np.asarray(plan.memory)
    return Plan(np.asarray(plan.level) + memory * view.n_core, plan.rail_uv)


def parted(view: View, plan: Plan) -> Plan:
    """Return a joint view's plan as one for core and memory, apart."""
    if not view.joint or plan.memory is not None:
        return plan
    level = np.asarray(plan.level)
    return Plan(level % view.n_core, plan.rail_uv, level // view.n_core)


def at_point(view: View, point: int) -> View:
    """Return the view of a joint view's levels at one memory point alone, where it is held."""
    if not view.joint or view.memory is None:
        return view
    some, npu_w = slice(point * view.n_core, (point + 1) * view.n_core), view.npu_predicted_w
    more_w = view.memory.idle_w[point] - view.memory.idle_w[view.memory.level]
    return replace(
        view,
        freqs_hz=view.freqs_hz[some],
        rails_uv=view.rails_uv[some],
        duration_ns=view.duration_ns[:, some],
        predicted_w=view.predicted_w[:, some],
        npu_predicted_w=None if npu_w is None else npu_w[:, some],
        stall_ns=view.stall_ns[some, some],
        rest=None if view.rest is None else view.rest.raised(float(more_w)),
        memory=replace(view.memory, level=point, free=False),
        joint=False,
    )
