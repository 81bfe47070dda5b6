"""Regret: how far each governor is from the best that the device allows, in prediction."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dfsrt.base.arrays import Floats, Ints
from dfsrt.base.errors import InputError
from dfsrt.device.opp import OppTable
from dfsrt.governor.expected_run import ExpectedFrame, expected_frame
from dfsrt.governor.governor import Governor, goes_by_state
from dfsrt.governor.optimum import Budget, Tradeoff, tradeoff_of
from dfsrt.governor.plan import Plan
from dfsrt.governor.view import View
from dfsrt.report.schema import Regret
from dfsrt.run.clamp import planned
from dfsrt.run.job import Job
from dfsrt.run.log import RunLog
from dfsrt.run.memory_policy import memory_point
from dfsrt.run.outlook import first_view
from dfsrt.run.run import Run
from dfsrt.run.source import NETWORK

TOLERANCE = 1e-3
"""A gap of the optimum that regret may be off by, where time is enough."""
TIME_NS = 2_000_000_000
"""Work for the optimum of a section."""


def regrets(runs: Sequence[Run]) -> list[Regret | None]:
    """Return the regret of each run of one job.

    None where the cap, the memory's clock or the world changes, cores work in parallel, a governor
    is blind to that clock, a meter corrects, nothing finished, or a governor that samples the load
    runs more than one network.

    Where frames come by the clock, energy is that of whole periods, idle time counted.
    Limits: see ``expected_frame`` and ``Rest``.
    """
    job, book = runs[0].job, runs[0].book
    changes = len(job.power_cap.steps) > 1 or book.correction is not None
    if job.setting is not None or job.lanes is not None or changes:
        return [None] * len(runs)
    best = _best_of_sections(job)
    frames = [_frames(run, best) for run in runs]
    for section, optimum in enumerate(best):
        # Asked for together, they share their prices.
        optimum.prepare(each[section].time_ns for each in frames if each)
    return [_regret(run, each, best) for run, each in zip(runs, frames, strict=True)]


def _best_of_sections(job: Job) -> list[Tradeoff]:
    """The optimum of each section of the job's table; those that are alike share one."""
    period_ns = job.period_ns if job.kind == NETWORK else None
    point = memory_point(job.npu, job.memory)
    whole = first_view(job.table, job.power_cap, period_ns, job.idle, point)
    found: dict[bytes, Tradeoff] = {}
    best = []
    for section in job.table.sections:
        view = whole.of_layers(*section)
        key = view.duration_ns.tobytes() + view.predicted_w.tobytes()
        if key not in found:
            found[key] = tradeoff_of(view, TOLERANCE, Budget(TIME_NS), exact_time=False)
        best.append(found[key])
    return best


def _frames(run: Run, best: Sequence[Tradeoff]) -> list[ExpectedFrame]:
    """The frame that a run is judged by, a section each; none where there is none to judge."""
    lone = run.job.kind == NETWORK
    if not run.book.frames or (goes_by_state(run.governor) and not lone):
        return []
    chosen = run.job.memory.governor is None  # by the plan itself, which is judged with it
    if (run.book.memory_changes and not chosen) or run.job.memory.blind:
        return []
    opps, log = run.job.npu.opps, run.log if lone else None
    if log is not None and goes_by_state(run.governor) and not len(_last_whole(best[0].view, log)):
        return []
    return [judged_frame(optimum.view, opps, run.governor, log) for optimum in best]


def _regret(run: Run, frames: Sequence[ExpectedFrame], best: Sequence[Tradeoff]) -> Regret | None:
    """Each section's frame against its optimum, taken as often as the section ran."""
    if not frames:
        return None
    book, lone = run.book, run.job.kind == NETWORK
    sections = run.job.table.sections
    calls = [1 if lone else book.of_layers(first, stop)[0] for first, stop in sections]
    against = [_against(frame, optimum) for frame, optimum in zip(frames, best, strict=True)]
    cut = any(optimum.cut for optimum in best)
    return _together(np.array(calls) @ np.array(against), 1 if lone else book.frames, cut)


def _against(frame: ExpectedFrame, best: Tradeoff) -> tuple[float, ...]:
    """A frame's time, energy and layers over the cap; the least of both, and their bounds."""
    fast, thrifty = best.least_time, best.least(0, frame.time_ns)
    aim = best.aim(0, frame.time_ns)
    energy_j, least_j = aim.energy_j(frame), aim.energy_j(thrifty.frame)
    # Who is faster than the fastest is held against that plan's energy, which is what it is.
    gap = thrifty.gap if frame.time_ns >= fast.time_ns else 0.0
    bounds = fast.bound, least_j * (1.0 - gap)
    least_ns = fast.time_ns
    if frame.over_cap <= thrifty.frame.over_cap:
        # A plan that keeps the cap as well is one of those that a search which was cut looked for.
        # Better than what is certain would be an error, and is shown.
        least_ns = min(least_ns, frame.time_ns) if fast.gap > TOLERANCE else least_ns
        least_j = min(least_j, energy_j) if gap > TOLERANCE else least_j
    return frame.time_ns, energy_j, frame.over_cap, least_ns, least_j, *bounds


def _together(sums: Floats, frames: int, cut: bool) -> Regret:
    """The regret of ``sums`` over frames, ``(7,)`` as of ``_against``."""
    time_ns, energy_j, over_cap, least_ns, least_j, bound_ns, bound_j = sums.tolist()
    # What lies within the gap that a search may leave is no merit of the governor.
    time, energy = (
        0.0 if -TOLERANCE < share < 0.0 else share
        for share in (time_ns / least_ns - 1.0, energy_j / least_j - 1.0)
    )
    return Regret(
        time=time,
        energy=energy,
        layers_over=over_cap / frames,
        time_gap=max(0.0, 1.0 - bound_ns / least_ns),
        energy_gap=max(0.0, 1.0 - bound_j / least_j),
        cut=cut,
    )


def regret_of(frame: ExpectedFrame, best: Tradeoff) -> Regret:
    """Return the regret of a frame against the optimum."""
    return _together(np.array(_against(frame, best)), 1, best.cut)


def judged_frame(
    view: View, opps: OppTable, governor: Governor, log: RunLog | None
) -> ExpectedFrame:
    """Return the frame that a governor is judged by.

    A plan is made once and judged by its steady frame. A governor that samples, or sees the
    queue, has none, and is judged by its run's last whole frame, as if that came again and again:
    the way back from its end to its beginning, a ramp perhaps, is part of it.
    """
    if log is not None and goes_by_state(governor):
        return expected_frame(view, last_plan(view, log))
    return expected_frame(view, planned(governor, view, opps))


def last_plan(view: View, log: RunLog) -> Plan:
    """Return the levels of the run's last whole frame, each at the set point its rail was near.

    A rail in motion stands for the higher of the set points around it, which carries the level.
    Raises: InputError where no frame was run to its end.
    """
    rows = _last_whole(view, log)
    if not len(rows):
        raise InputError("no frame ran to its end, so none can be judged; let the run go on longer")
    set_point = np.searchsorted(view.set_points_uv, log.rail_uv[rows])
    return Plan(log.table.levels.core[log.level[rows]], view.set_points_uv[set_point])


def _last_whole(view: View, log: RunLog) -> Ints:
    """Rows of the last frame that ran to its end; none where the log has no such frame."""
    ends = np.flatnonzero(log.layer == view.n_layers - 1)
    return np.flatnonzero(log.ran & (log.frame == log.frame[ends[-1]])) if len(ends) else ends
