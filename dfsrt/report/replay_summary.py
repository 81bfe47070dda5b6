"""From a replay to its report."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from dfsrt.governor.governor import Governor
from dfsrt.governor.registry import label
from dfsrt.report import summary
from dfsrt.report.notes import run_notes
from dfsrt.report.outcomes import Outcomes, outcomes_of
from dfsrt.report.replay_schema import ReplayReport, TraceInfo, WorkloadReport
from dfsrt.report.schema import CapChange, Power, StageReport
from dfsrt.report.stages import StageTotals, stage_reports
from dfsrt.report.totals import Totals
from dfsrt.run.log import COMPONENTS, IN_DOMAIN
from dfsrt.run.mix import Mix
from dfsrt.run.queue import PREEMPTIONS, Queue

if TYPE_CHECKING:
    from dfsrt.run.replay_job import ReplayJob


def summarize_replay(
    job: ReplayJob, governor: Governor, queue: Queue, totals: Totals, stages: StageTotals
) -> ReplayReport:
    """Return the report of one replay."""
    npu, cap, card = job.base.npu, job.power_cap, job.loaded.card
    by_component = dict(zip(COMPONENTS, totals.energy_j.tolist(), strict=True))
    inside = IN_DOMAIN[cap.domain]
    energy_j = math.fsum(list(by_component.values())[:inside])
    outcomes = outcomes_of(queue, totals.span_ns)
    calls = host_calls(job.mix, queue)
    found = stage_reports(job.mix.stage_keys, stages, calls, job.mix.table)
    time_s = totals.span_ns * 1e-9
    return ReplayReport(
        trace=TraceInfo(
            name=card.name,
            kind=card.kind,
            duration_s=card.duration_ns * 1e-9,
            repeat=job.repeat,
            time_scale=job.time_scale,
        ),
        device=npu.name,
        bin=npu.bin,
        rail=npu.rail.name,
        governor=label(governor),
        power_model=job.mix.table.model,
        seed=job.base.seed,
        cap_w=summary.finite(cap.first_w),
        cap_changes=[
            CapChange(s.start_ns * 1e-9, summary.finite(s.limit_w)) for s in cap.steps[1:]
        ],
        discipline=job.discipline,
        drop=job.drop,
        loop=job.loop,
        time_s=time_s,
        requests=outcomes.counts(),
        deadlines=outcomes.deadlines(),
        latency_s=outcomes.latency_s(),
        wait_s=outcomes.wait_s(),
        preemptions=int(queue.now[PREEMPTIONS]),
        busy_share=float(stages.level_ns.sum()) / totals.span_ns,
        energy_j=energy_j,
        idle_j=energy_j - float(stages.energy_j.sum()),
        power_w=Power(energy_j / time_s, totals.power_max_w),
        cap=summary.cap_kept(totals),
        transitions=summary.transitions(totals),
        residency=summary.residency(totals),
        workloads=_workloads(job.mix, queue, outcomes, found, time_s),
        stages=found,
        energy_breakdown_j=dict(list(by_component.items())[:inside]),
        outside_domain_j=dict(list(by_component.items())[inside:]),
        unknown_ops=job.mix.unknown_ops,
        notes=[*run_notes(totals, governor, job.mix.unknown_ops), *_notes(job)],
        assumed=[*npu.assumed, *job.mix.assumed],
    )


def _notes(job: ReplayJob) -> list[str]:
    card, found = job.loaded.card, []
    if card.kind == "unknown":
        found.append(f"trace '{card.name}' has no card: nobody says where it comes from")
    if card.cap_steps and job.base.cap is not None:
        found.append("the given cap stands in place of the trace's own cap changes")
    return found


def host_calls(mix: Mix, queue: Queue) -> list[int]:
    """Return how often each part ran on the host."""
    calls = np.zeros(len(mix.parts), dtype=np.int64)
    np.add.at(calls, np.array(mix.part_of_step), queue.host_calls)
    return [int(n) for n in calls]


def _workloads(
    mix: Mix, queue: Queue, outcomes: Outcomes, stages: list[StageReport], time_s: float
) -> list[WorkloadReport]:
    found = []
    for number, pipeline in enumerate(mix.pipelines):
        own = outcomes.of(queue.workload == number)
        counts = own.counts()
        parts = zip(mix.parts, stages, strict=True)
        joules = math.fsum(stage.energy_j for part, stage in parts if part.workload == number)
        done = counts.completed
        found.append(
            WorkloadReport(
                name=pipeline.name,
                requests=counts,
                deadlines=own.deadlines(),
                completed_per_s=done / time_s,
                latency_s=own.latency_s(),
                wait_s=own.wait_s(),
                energy_j=joules,
                energy_per_request_j=joules / done if done else None,
            )
        )
    return found
