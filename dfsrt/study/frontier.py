"""The frontier: the least energy of a frame for every time it may take, and where governors lie."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from dfsrt.base.errors import InputError
from dfsrt.base.units import parse_memory_bytes, parse_period_ns
from dfsrt.device import Domain
from dfsrt.governor import governor_names, make_governor
from dfsrt.governor.governor import Governor, goes_by_state
from dfsrt.governor.joint import chooses
from dfsrt.governor.memory import memory_label
from dfsrt.governor.optimum import Budget, Solution, Tradeoff, tradeoff_of
from dfsrt.governor.plan import Plan
from dfsrt.governor.registry import label
from dfsrt.governor.view import View
from dfsrt.network import Network
from dfsrt.report.api import Job
from dfsrt.report.frontier_table import FrontierGovernor, FrontierPoint, FrontierReport
from dfsrt.report.period_table import PeriodReport
from dfsrt.report.regret import judged_frame, regret_of
from dfsrt.report.tables import clock_text
from dfsrt.run.fields import RunFields
from dfsrt.run.memory_policy import MemoryClock, memory_point
from dfsrt.run.outlook import first_view
from dfsrt.study.period import period_report

CERTIFIED = 1e-3
"""A point is certified where the bound is nearer than this share."""
NEAR = 0.99 * CERTIFIED
"""The gap at which a point needs no more search."""
MOST_CORNERS = 24
MOST_BETWEEN = 1_000
NO_STANDBY = (
    "in domain npu the memory's clock costs nothing: what it draws is outside; "
    "--cap-domain npu+dram counts it"
)
AT_ITS_FIRST = (
    "memory {}: its clock changes as the NPU works; here it stays where a run begins, at {}"
)
STALL_IS_ASSUMED = "what a stall draws: the layer's lowest clock at the rail's voltage"


@dataclass(frozen=True)
class Frontier:
    """A question: this network, on the device and under the cap of ``job``, these governors.

    Without ``governors`` all that are registered are drawn. ``between`` points are worked out
    beside the corners of the convex hull, evenly spread over time. The search takes ``time`` and
    ``memory`` at most, and each point says what gap is left.

    Raises, on use:
        InputError: a value that cannot be used, or a cap that changes.
    """

    network: str | Path | Network
    governors: Iterable[str | Governor] | None = None
    between: int = 12
    job: RunFields = field(default_factory=RunFields)
    time: str | float = "10s"
    memory: str | float = "500MB"

    def report(self) -> FrontierReport:
        """Return the frontier from the least time to the least energy, and every governor."""
        for name in ("idle", "idle_rail"):
            if name in self.job and "period" not in self.job:
                raise InputError(
                    f"'{name.replace('_', '-')}' needs a period, of which frames leave idle time; "
                    "add one, like --period 33ms, or leave it out"
                )
        if not 0 <= self.between <= MOST_BETWEEN:
            raise InputError(
                f"between {self.between} is out of range; allowed is 0 to {MOST_BETWEEN}"
            )
        budget = self._budget()  # refused before anything is worked out
        job = Job(self.network, **self.job)
        table, cap = job.table, job.power_cap
        if len(cap.steps) > 1 or job.spec.correct:
            raise InputError("a frontier is drawn under one cap and one prediction; leave out both")
        memory = memory_point(table.npu, job.job.memory)
        view = first_view(table, cap, job.job.period_ns, job.job.idle, memory)
        best = tradeoff_of(view, NEAR, budget)
        found = _points(best, self.between)
        return FrontierReport(
            network=table.network,
            device=table.npu.name,
            power_model=table.model,
            cap_w=cap.first_w if np.isfinite(cap.first_w) else None,
            points=[_point(solution, corner, best) for solution, corner in found],
            governors=_placed(job, view, self._chosen(), budget),
            notes=[*job.job.mix.notes, *_memory_notes(job, view)],
            assumed=[*table.npu.assumed, STALL_IS_ASSUMED],
            period=self._period(job, best, [solution.plan for solution, _ in found]),
        )

    def _period(self, job: Job, best: Tradeoff, plans: Sequence[Plan]) -> PeriodReport | None:
        """Of the frontier's plans, and of that of least energy a period, as predicted."""
        period_ns = best.view.period_ns
        if period_ns is None:
            return None
        return period_report(job.job, best.view, [*plans, best.least(0, period_ns).plan])

    def _budget(self) -> Budget:
        return Budget(parse_period_ns(self.time, "time"), parse_memory_bytes(self.memory, "memory"))

    def _chosen(self) -> list[Governor]:
        names = governor_names() if self.governors is None else self.governors
        return [make_governor(name) for name in names]


def _points(best: Tradeoff, between: int) -> list[tuple[Solution, bool]]:
    """Corners, True, and what lies between, without what another is as good as in both."""
    corners = best.corners(MOST_CORNERS)
    first_ns, last_ns = corners[0].time_ns, corners[-1].time_ns
    times = np.floor(np.linspace(first_ns, last_ns, between + 2)[1:-1]).tolist()
    best.prepare([*(corner.time_ns for corner in corners), *times])
    found = [(best.least_energy(corner.time_ns), True) for corner in corners]
    found += [(best.least_energy(time_ns), False) for time_ns in times]
    found.sort(key=lambda point: (point[0].time_ns, point[0].energy_j, not point[1]))
    kept: list[tuple[Solution, bool]] = []
    for solution, corner in found:
        if not kept or solution.energy_j < kept[-1][0].energy_j:
            kept.append((solution, corner))
    return kept


def _memory_notes(job: Job, view: View) -> list[str]:
    if chooses(view):
        return [NO_STANDBY] if job.power_cap.domain is Domain.NPU else []
    policy = job.job.memory
    if view.memory is None or MemoryClock(job.table.npu, policy).fixed:
        return []
    at = clock_text(int(view.memory.freqs_hz[view.memory.level]))
    return [AT_ITS_FIRST.format(memory_label(policy.governor), at)]


def _memory_hz(solution: Solution, view: View) -> list[int]:
    """The memory's clock of each stretch of layers with one, of a frame that repeats."""
    if view.memory is None:
        return []
    point = solution.plan.memory
    if point is None:
        return [int(view.memory.freqs_hz[view.memory.level])]
    changes = np.flatnonzero(np.diff(point)) + 1
    return [int(hz) for hz in view.memory.freqs_hz[np.asarray(point)[[0, *changes]]]]


def _point(solution: Solution, corner: bool, best: Tradeoff) -> FrontierPoint:
    gap = best.gap_of(solution)
    return FrontierPoint(
        time_s=solution.time_ns * 1e-9,
        energy_j=solution.energy_j,
        gap=gap,
        certified=gap <= CERTIFIED,
        corner=corner,
        memory_hz=_memory_hz(solution, best.view),
    )


def _placed(
    job: Job, view: View, governors: Sequence[Governor], budget: Budget
) -> list[FrontierGovernor]:
    """Where governors lie: by their plans, or by a run where one has none without it."""
    frames = []
    for governor in governors:
        log = job.run(governor).log if goes_by_state(governor) else None
        frames.append(judged_frame(view, job.npu.opps, governor, log))
    # A governor may have asked for the same view's best frames: what is left of this budget counts.
    best = tradeoff_of(view, NEAR, budget)
    best.prepare(frame.time_ns for frame in frames)
    return [
        FrontierGovernor(
            governor=label(governor),
            time_s=frame.time_ns * 1e-9,
            energy_j=frame.energy_j,
            regret=regret_of(frame, best),
        )
        for governor, frame in zip(governors, frames, strict=True)
    ]
