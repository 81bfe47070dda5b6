"""Regret: how far each governor is from the best that the device allows, in prediction."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dfsrt.base.arrays import Floats
from dfsrt.device.opp import OppTable
from dfsrt.governor.expected_run import ExpectedFrame, expected_frame
from dfsrt.governor.governor import Governor, sampling_ns
from dfsrt.governor.optimum import Tradeoff
from dfsrt.governor.view import View
from dfsrt.report.schema import Regret
from dfsrt.run.clamp import planned
from dfsrt.run.job import Job
from dfsrt.run.log import RunLog
from dfsrt.run.outlook import first_view
from dfsrt.run.run import Run
from dfsrt.run.source import NETWORK

TOLERANCE = 1e-3
"""A gap of the optimum that regret may be off by; time is exact but for very long networks."""


def regrets(runs: Sequence[Run]) -> list[Regret | None]:
    """Return the regret of each run of one job.

    None where the cap or the world changes, a meter corrects, nothing finished, or a governor that
    samples the load runs more than one network.

    Limits: the energy of idle time is left out; see also ``expected_frame``.
    """
    job, book = runs[0].job, runs[0].book
    if job.setting is not None or len(job.power_cap.steps) > 1 or book.correction is not None:
        return [None] * len(runs)
    best = _best_of_sections(job)
    return [_regret(run, best) for run in runs]


def _best_of_sections(job: Job) -> list[Tradeoff]:
    """The optimum of each section of the job's table; those that are alike share one."""
    whole = first_view(job.table, job.power_cap, job.period_ns if job.kind == NETWORK else None)
    found: dict[bytes, Tradeoff] = {}
    best = []
    for section in job.table.sections:
        view = whole.of_layers(*section)
        key = view.duration_ns.tobytes() + view.predicted_w.tobytes()
        best.append(found.setdefault(key, Tradeoff(view, TOLERANCE)))
    return best


def _regret(run: Run, best: Sequence[Tradeoff]) -> Regret | None:
    """Each section's frame against its optimum, taken as often as the section ran."""
    sections, book = run.job.table.sections, run.book
    lone = run.job.kind == NETWORK
    if not book.frames or (sampling_ns(run.governor) and not lone):
        return None
    opps, frames, calls = run.job.npu.opps, [], []
    for (first, stop), optimum in zip(sections, best, strict=True):
        calls.append(1 if lone else book.of_layers(first, stop)[0])
        log = run.log if lone else None
        frames.append(_against(judged_frame(optimum.view, opps, run.governor, log), optimum))
    times = 1 if lone else book.frames
    return _together(np.array(calls) @ np.array(frames), times)


def _against(frame: ExpectedFrame, best: Tradeoff) -> tuple[float, ...]:
    """A frame's time, energy and layers over the cap, the least time, the least energy in that."""
    least_j = best.least_energy(frame.time_ns).energy_j
    return frame.time_ns, frame.energy_j, frame.over_cap, best.least_time.time_ns, least_j


def _together(sums: Floats, frames: int) -> Regret:
    """The regret of ``sums`` over frames, ``(5,)`` as of ``_against``."""
    time_ns, energy_j, over_cap, least_ns, least_j = sums.tolist()
    energy = energy_j / least_j - 1.0
    return Regret(
        time=time_ns / least_ns - 1.0,
        # What lies within the gap that a search may leave is no merit of the governor.
        energy=0.0 if -TOLERANCE < energy < 0.0 else energy,
        layers_over=over_cap / frames,
    )


def regret_of(frame: ExpectedFrame, best: Tradeoff) -> Regret:
    """Return the regret of a frame against the optimum."""
    return _together(np.array(_against(frame, best)), 1)


def judged_frame(
    view: View, opps: OppTable, governor: Governor, log: RunLog | None
) -> ExpectedFrame:
    """Return the frame that a governor is judged by.

    A plan is made once and judged by its steady frame. A governor that samples has none, and is
    judged by the last frame of its run.
    """
    if log is not None and sampling_ns(governor):
        return last_frame(view, log)
    return expected_frame(view, planned(governor, view, opps))


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
