"""A row of the table: a network after a step, run on the device."""

from __future__ import annotations

import math
from dataclasses import dataclass

from dfsrt.cost import multiplies_in_training_format
from dfsrt.report.api import Job
from dfsrt.report.optimize.schema import DomainPower, OptimizeRow, StepFidelity
from dfsrt.report.optimize.stages import Point
from dfsrt.report.optimize.stored import stored_bytes
from dfsrt.report.optimize.verdict import THRESHOLD
from dfsrt.report.result import Result
from dfsrt.report.schema import DomainEnergy, Report
from dfsrt.run.fields import RunFields

AUTO = "auto"
DOMAINS = ("npu", "dram", "uncore", "total")


@dataclass(frozen=True)
class Measured:
    """A point of the chain with its runs: back to back, and at the rate of the first point."""

    point: Point
    job: Job
    result: Result
    same_rate: Result | None

    @property
    def frame_ns(self) -> int:
        """Time from one frame to the next, back to back."""
        return math.ceil(self.result.run.book.span_ns / self.result.report.frames)


def measured(point: Point, fields: RunFields, period_ns: int | None) -> Measured:
    """Run a point's network; its layer table serves both runs.

    ``period_ns`` is the time between frames of the first point, None where this is it. What is
    slower by less than counts as a difference runs at that rate, too.

    Raises:
        InputError: a value of ``fields`` that cannot be used.
    """
    own: RunFields = {**fields, "precision": own_precision(point, fields)}
    job = Job(point.network, **own)
    alone = Measured(point, job, job.run(), None)
    period_ns = alone.frame_ns if period_ns is None else period_ns
    if alone.frame_ns > period_ns * (1 + THRESHOLD):
        return alone
    return Measured(point, job, alone.result, job.changed(period=f"{period_ns} ns").run())


def own_precision(point: Point, fields: RunFields) -> str:
    """Return the precision of a point: what was asked for, but of what is quantized its own."""
    asked = fields.get("precision") or AUTO
    return asked if multiplies_in_training_format(point.network) else AUTO


def row_of(done: Measured, file_bytes: int | None, fidelity: StepFidelity | None) -> OptimizeRow:
    """Return the row of a point that has run, not yet compared with the row before."""
    report, network = done.result.report, done.point.network
    return OptimizeRow(
        step=done.point.step,
        file_bytes=file_bytes,
        weight_bytes=network.weight_bytes,
        stored_bytes=stored_bytes(network),
        dram_bytes=report.memory.dram_bytes // report.frames,
        macs=network.macs,
        precision=report.precision,
        latency_s=report.latency_s.mean if report.latency_s else 0.0,
        fps=report.fps,
        energy_j=frame_energy(report),
        power_w=watts(report),
        same_rate_power_w=None if done.same_rate is None else watts(done.same_rate.report),
        fps_per_w=report.inferences_per_watt_s,
        layers_over_cap=report.cap.layers_over,
        fidelity=fidelity,
    )


def frame_energy(report: Report) -> DomainEnergy:
    """Return the joules of a frame in every domain."""
    return DomainEnergy(**_per(report, report.frames))


def watts(report: Report) -> DomainPower:
    """Return the average watts of every domain over a run."""
    return DomainPower(**_per(report, report.time_s))


def _per(report: Report, amount: float) -> dict[str, float]:
    return {name: getattr(report.energy_by_domain_j, name) / amount for name in DOMAINS}
