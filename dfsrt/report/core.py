"""From a run to its report: one way for all loads."""

from __future__ import annotations

import math

from dfsrt.base.arrays import exact_total
from dfsrt.governor.registry import label
from dfsrt.power.components import COMPONENTS
from dfsrt.report.battery import battery_report
from dfsrt.report.cap import cap_changes, cap_kept, finite
from dfsrt.report.clocks import held_share, residency, transitions
from dfsrt.report.computed import computed_precision
from dfsrt.report.energy import (
    by_component,
    check_energies,
    domain_energy,
    ratio,
    switching_by_action,
)
from dfsrt.report.idle import idle_report
from dfsrt.report.memory_clock import memory_clock
from dfsrt.report.memory_use import memory_use
from dfsrt.report.notes import run_notes
from dfsrt.report.parallel import parallel_report
from dfsrt.report.queue import queue_report
from dfsrt.report.requests import counts, deadlines, histogram, spread
from dfsrt.report.schema import Power, Prediction, Regret, Report
from dfsrt.report.stages import stage_reports
from dfsrt.report.tokens import tokens_report
from dfsrt.run.book import Book
from dfsrt.run.job import Job
from dfsrt.run.run import Run
from dfsrt.run.source import NETWORK, PIPELINE


def report_of(run: Run, regret: Regret | None = None) -> Report:
    """Return the report of a finished run of any load.

    Raises:
        DeviceError: an energy that is none, from numbers of the device beyond all reckoning.
    """
    job, book, spec = run.job, run.book, run.job.spec
    npu, table, outcomes = job.npu, job.table, book.requests.whole
    check_energies(book.component_j, npu.name)
    time_s, frames, component_j = book.span_ns * 1e-9, book.frames, book.component_j
    energy_j = math.fsum(component_j[: book.inside].tolist())
    macs = exact_total(book.runs.sum(axis=1), table.load.macs)
    fps, per_frame_j = ratio(frames, time_s) or 0.0, ratio(energy_j, frames)
    shown = job.kind == PIPELINE
    stages = [] if job.kind == NETWORK else stage_reports(job.mix, book)
    return Report(
        load=load_name(job),
        kind=job.kind,
        what=spec.what,
        network=table.network,
        device=npu.name,
        bin=npu.bin,
        rail=npu.rail.name,
        precision=computed_precision(table.costs),
        governor=label(run.governor),
        power_model=table.model,
        cycles=table.cycles or None,
        activity=", ".join(table.activity) or None,
        layer_times=", ".join(table.layer_times) or None,
        layer_times_hz=table.times_hz,
        seed=spec.seed or 0,
        cap_w=finite(book.cap.first_w),
        cap_changes=cap_changes(book.cap),
        period_s=None if job.period_ns is None else job.period_ns * 1e-9,
        detail=run.detail,
        time_s=time_s,
        frames=frames,
        fps=fps,
        shown_fps=fps if shown else None,
        requests=counts(outcomes),
        deadlines=deadlines(outcomes),
        latency_s=spread(outcomes.latency),
        wait_s=spread(outcomes.wait),
        latency_histogram=histogram(outcomes.latency),
        busy_share=ratio(book.busy_ns, book.lane_ns) or 0.0,
        energy_j=energy_j,
        idle_j=math.fsum(book.idle_j[: book.inside].tolist()),
        energy_by_domain_j=domain_energy(component_j),
        energy_breakdown_j=by_component(component_j, 0, book.inside),
        switching_by_action_j=switching_by_action(book),
        outside_domain_j=by_component(component_j, book.inside, len(COMPONENTS)),
        energy_per_inference_j=per_frame_j,
        energy_per_shown_frame_j=per_frame_j if shown else None,
        inferences_per_watt_s=ratio(frames, energy_j) if frames else None,
        tops_per_w=ratio(2e-12 * macs, energy_j),
        power_w=Power(ratio(energy_j, time_s) or 0.0, book.power_max_w),
        cap=cap_kept(book),
        transitions=transitions(book),
        residency=residency(book),
        held_share=held_share(book),
        prediction=prediction(book),
        memory=memory_use(book),
        memory_clock=memory_clock(run),
        regret=regret,
        idle=idle_report(run),
        parallel=parallel_report(run),
        tokens=tokens_report(run, stages),
        stages=stages,
        queue=queue_report(run, stages),
        battery=battery_report(run),
        unknown_ops=job.mix.unknown_ops,
        converted_layers=job.mix.converted,
        notes=run_notes(run),
        assumed=[*npu.assumed, *job.mix.assumed],
    )


def load_name(job: Job) -> str:
    """Return what a report calls the load."""
    if job.spec.name:
        return job.spec.name
    return job.mix.table.network if job.trace is None else job.trace.card.name


def prediction(book: Book) -> Prediction:
    """Return how the power model did against the plant."""
    mape, under = book.prediction_error or (None, None)
    mean_error, margin = book.bound_error or (None, None)
    return Prediction(
        mape=mape,
        under_share=under,
        out_of_range=len(book.table.out_of_range),
        confidence=book.table.confidence,
        mean_error=mean_error,
        margin=margin,
    )
