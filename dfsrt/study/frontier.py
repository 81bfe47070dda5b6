"""The frontier: the least energy of a frame for every time it may take, and where governors lie."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from dfsrt.base.errors import InputError
from dfsrt.governor import governor_names, make_governor
from dfsrt.governor.governor import Governor, sampling_ns
from dfsrt.governor.optimum import Solution, Tradeoff, tradeoff_of
from dfsrt.governor.registry import label
from dfsrt.network import Network
from dfsrt.report.api import Job
from dfsrt.report.frontier_table import FrontierGovernor, FrontierPoint, FrontierReport
from dfsrt.report.regret import judged_frame, regret_of
from dfsrt.run.outlook import first_view

CERTIFIED = 1e-3
"""A point is certified where the bound is nearer than this share."""
MOST_CORNERS = 24
MOST_BETWEEN = 1_000
STALL_IS_ASSUMED = "what a stall draws: the layer's lowest clock at the rail's voltage"


@dataclass(frozen=True)
class Frontier:
    """A question: this network, on the device and under the cap of ``job``, these governors.

    Without ``governors`` all that are registered are drawn. ``between`` points are worked out
    beside the corners of the convex hull, evenly spread over time.

    Raises, on use:
        InputError: a value that cannot be used, or a cap that changes.
    """

    network: str | Path | Network
    governors: Iterable[str | Governor] | None = None
    between: int = 12
    job: dict[str, Any] = field(default_factory=dict)

    def report(self) -> FrontierReport:
        """Return the frontier from the least time to the least energy, and every governor."""
        if not 0 <= self.between <= MOST_BETWEEN:
            raise InputError(
                f"between {self.between} is out of range; allowed is 0 to {MOST_BETWEEN}"
            )
        job = Job(self.network, **self.job)
        table, cap = job.table, job.power_cap
        if len(cap.steps) > 1 or job.spec.correct:
            raise InputError("a frontier is drawn under one cap and one prediction; leave out both")
        best = tradeoff_of(first_view(table, cap, job.job.period_ns), 0.99 * CERTIFIED)
        return FrontierReport(
            network=table.network,
            device=table.npu.name,
            power_model=table.model,
            cap_w=cap.first_w if np.isfinite(cap.first_w) else None,
            points=_points(best, self.between),
            governors=[_placed(job, best, governor) for governor in self._chosen()],
            assumed=[*table.npu.assumed, STALL_IS_ASSUMED],
        )

    def _chosen(self) -> list[Governor]:
        names = governor_names() if self.governors is None else self.governors
        return [make_governor(name) for name in names]


def _points(best: Tradeoff, between: int) -> list[FrontierPoint]:
    """Corners and what lies between them, without what another is as good as in both."""
    corners = best.corners(MOST_CORNERS)
    found = [(corner, True) for corner in corners]
    times = np.linspace(corners[0].time_ns, corners[-1].time_ns, between + 2)[1:-1]
    best.prepare(times)
    found += [(best.least_energy(float(np.floor(time_ns))), False) for time_ns in times]
    found.sort(key=lambda point: (point[0].time_ns, point[0].energy_j, not point[1]))
    kept: list[FrontierPoint] = []
    for solution, corner in found:
        if not kept or solution.energy_j < kept[-1].energy_j:
            kept.append(_point(solution, corner, best))
    return kept


def _point(solution: Solution, corner: bool, best: Tradeoff) -> FrontierPoint:
    gap = best.gap_of(solution)
    return FrontierPoint(
        time_s=solution.time_ns * 1e-9,
        energy_j=solution.energy_j,
        gap=gap,
        certified=gap <= CERTIFIED,
        corner=corner,
    )


def _placed(job: Job, best: Tradeoff, governor: Governor) -> FrontierGovernor:
    """Where a governor lies: by its plan, or by a run where it has none without one."""
    log = job.run(governor).log if sampling_ns(governor) else None
    frame = judged_frame(best.view, job.npu.opps, governor, log)
    return FrontierGovernor(
        governor=label(governor),
        time_s=frame.time_ns * 1e-9,
        energy_j=frame.energy_j,
        regret=regret_of(frame, best),
    )
