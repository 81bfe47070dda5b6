"""The outlook: what a governor sees before anything has run."""

from __future__ import annotations

import numpy as np

from dfsrt.governor.view import View
from dfsrt.power.at_memory import table_at
from dfsrt.power.table import LayerTable
from dfsrt.run.cap import PowerCap
from dfsrt.run.idle_tables import IdlePolicy
from dfsrt.run.rest import rest_of


def first_view(
    table: LayerTable, cap: PowerCap, period_ns: int | None = None, idle: IdlePolicy | None = None
) -> View:
    """Return the view at the start of a run: the first cap, the slowest clock, no telemetry.

    With a period and an ``idle`` policy it says what idle time takes. Levels are the core's, with
    the memory at its highest.
    """
    table = table_at(table, -1)
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
    )
