"""The queue of a report: how the requests of a trace shared the NPU."""

from __future__ import annotations

import math

from dfsrt.report.energy import ratio
from dfsrt.report.requests import counts, deadlines, spread
from dfsrt.report.schema import QueueReport, StageReport, TraceInfo, WorkloadReport
from dfsrt.run.outcomes import Outcomes
from dfsrt.run.run import Run
from dfsrt.trace import Trace


def queue_report(run: Run, stages: list[StageReport]) -> QueueReport | None:
    """Return how requests shared the NPU; None where the load is no trace."""
    job, trace = run.job, run.job.trace
    if trace is None:
        return None
    spec, book = job.spec, run.book
    return QueueReport(
        trace=_trace_info(trace, run),
        discipline=job.rules_under(run.governor).discipline.name.lower(),
        drop=spec.drop or "",
        loop=spec.loop or "",
        preemptions=book.preemptions,
        workloads=[
            _workload(pipeline.name, outcomes, _energy_j(run, stages, number), book.span_ns * 1e-9)
            for number, (pipeline, outcomes) in enumerate(
                zip(job.mix.pipelines, book.requests.of_workload, strict=True)
            )
        ],
    )


def _trace_info(trace: Trace, run: Run) -> TraceInfo:
    load, card = run.job.load, trace.card
    copies = None if load.endless else load.copies
    return TraceInfo(
        name=card.name,
        kind=card.kind,
        duration_s=card.duration_ns * (copies or 1) * 1e-9,
        repeat=copies,
        time_scale=run.job.spec.time_scale or 1.0,
    )


def _energy_j(run: Run, stages: list[StageReport], workload: int) -> float:
    parts = zip(run.job.mix.parts, stages, strict=True)
    return math.fsum(stage.energy_j for part, stage in parts if part.workload == workload)


def _workload(name: str, outcomes: Outcomes, joules: float, time_s: float) -> WorkloadReport:
    return WorkloadReport(
        name=name,
        requests=counts(outcomes),
        deadlines=deadlines(outcomes),
        completed_per_s=ratio(outcomes.completed, time_s) or 0.0,
        latency_s=spread(outcomes.latency),
        wait_s=spread(outcomes.wait),
        energy_j=joules,
        energy_per_request_j=ratio(joules, outcomes.completed),
    )
