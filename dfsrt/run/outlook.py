"""The outlook: what a governor sees before anything has run."""

from __future__ import annotations

import numpy as np

from dfsrt.device.npu import Domain
from dfsrt.governor.memory_view import MemoryView
from dfsrt.governor.view import View
from dfsrt.power.at_memory import table_at
from dfsrt.power.standby import standby_of
from dfsrt.power.table import LayerTable
from dfsrt.run.cap import PowerCap
from dfsrt.run.idle_tables import IdlePolicy
from dfsrt.run.rest import rest_of


def first_view(
    table: LayerTable,
    cap: PowerCap,
    period_ns: int | None = None,
    idle: IdlePolicy | None = None,
    memory: int | None = None,
) -> View:
    """Return the view at the start of a run: the first cap, the slowest clock, no telemetry.

    With a period and an ``idle`` policy it says what idle time takes. Levels are the core's, with
    the memory at one of its points; where none is told it is the highest, and plans may say others.
    """
    point = table.levels.n_memory - 1 if memory is None else memory
    seen = memory_view(table, cap.domain, point, memory is None)
    table = table_at(table, point)
    rests = period_ns is not None and idle is not None
    opps = table.npu.opps
    return View(
        freqs_hz=np.array(opps.freqs_hz),
        rails_uv=np.array(opps.rails_uv),
        set_points_uv=np.array(opps.set_points_uv),
        duration_ns=table.expected_ns,
        predicted_w=table.predicted_in(cap.domain),
        cap_w=cap.first_w,
        stall_ns=table.stall_ns,
        rail=table.npu.rail,
        level=0,
        rail_uv=opps.set_points_uv[0],
        period_ns=period_ns,
        rest=rest_of(table.npu, idle, cap.domain) if rests and idle is not None else None,
        memory=seen,
    )


def memory_view(table: LayerTable, domain: Domain, memory: int, free: bool) -> MemoryView | None:
    """Return what is known of the memory's clock, at one of its points; None where it has one.

    ``free``: plans may say memory points.
    """
    levels, change = table.levels, table.npu.memory.change
    if levels.n_memory == 1:
        return None
    shape = (len(table.duration_ns), levels.n_memory, levels.n_core)
    npu_w = table.predicted_w.reshape(*shape, -1)
    standby_w = standby_of(table.npu).idle_w[:: levels.n_core]
    return MemoryView(
        freqs_hz=levels.memory_hz,
        level=memory,
        duration_ns=table.duration_ns.reshape(shape),
        predicted_w=table.predicted_in(domain).reshape(*shape, -1),
        stall_ns=change.stall_ns,
        delay_ns=change.delay_ns,
        free=free,
        idle_w=np.zeros_like(standby_w) if domain is Domain.NPU else standby_w,
        npu_predicted_w=None if domain is Domain.NPU else npu_w,
    )
