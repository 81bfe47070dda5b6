"""Regret: how far each governor is from the best that the device allows, in prediction."""

from __future__ import annotations

import numpy as np

from dfsrt.device.opp import OppTable
from dfsrt.governor.expected_run import ExpectedFrame, expected_frame
from dfsrt.governor.governor import Governor, sampling_ns
from dfsrt.governor.optimum import QUICK, Tradeoff
from dfsrt.governor.view import View
from dfsrt.report.schema import Regret
from dfsrt.run.clamp import clamp
from dfsrt.run.log import RunLog
from dfsrt.run.outlook import first_view

TOLERANCE = 1e-3
"""A gap of the optimum that regret may be off by; time is exact but for very long networks."""


def regrets(
    logs: list[RunLog], governors: list[Governor], period_ns: int | None = None
) -> list[Regret | None]:
    """Return the regret of each run of one job; None where the cap changes or a meter corrects.

    Limits: the energy of idle time is left out; see also ``expected_frame``.
    """
    first = logs[0]
    if len(first.cap.steps) > 1 or first.correction is not None:
        return [None] * len(logs)
    view = first_view(first.table, first.cap, period_ns)
    best = Tradeoff(view, TOLERANCE, QUICK)
    pairs = zip(logs, governors, strict=True)
    opps = first.table.npu.opps
    return [regret_of(judged_frame(view, opps, governor, log), best) for log, governor in pairs]


def regret_of(frame: ExpectedFrame, best: Tradeoff) -> Regret:
    """Return the regret of a frame against the optimum."""
    least_j = best.least_energy(frame.time_ns).energy_j
    energy = frame.energy_j / least_j - 1.0
    return Regret(
        time=frame.time_ns / best.least_time.time_ns - 1.0,
        # What lies within the gap that a search may leave is no merit of the governor.
        energy=0.0 if -TOLERANCE < energy < 0.0 else energy,
        layers_over=frame.over_cap,
    )


def judged_frame(
    view: View, opps: OppTable, governor: Governor, log: RunLog | None
) -> ExpectedFrame:
    """Return the frame that a governor is judged by.

    A plan is made once and judged by its steady frame. A governor that samples has none, and is
    judged by the last frame of its run.
    """
    if log is not None and sampling_ns(governor):
        return last_frame(view, log)
    return expected_frame(view, clamp(governor.plan(view), opps, view.n_layers))


def last_frame(view: View, log: RunLog) -> ExpectedFrame:
    """Return the run's last frame as predicted, stalls as in ``expected_frame``."""
    rows = log.last_frame
    layer, level = log.layer[rows], log.level[rows]
    set_point = np.searchsorted(view.set_points_uv, log.rail_uv[rows])
    ran_ns, stall_ns = log.end_ns[rows] - log.start_ns[rows], log.stall_ns[rows]
    watts, stalled = log.predicted_w[rows], view.predicted_w[layer, 0, set_point]
    energy_j = float((watts * ran_ns + stalled * stall_ns).sum()) * 1e-9
    lowest = view.predicted_w[layer, 0, 0] > view.cap_w
    over = (watts > view.cap_w) & ~(lowest & (level == 0) & (set_point == 0))
    return ExpectedFrame(float((ran_ns + stall_ns).sum()), energy_j, float(over.sum()))
