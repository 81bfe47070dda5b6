"""Workloads and stages for people."""

from __future__ import annotations

from collections.abc import Sequence

from dfsrt.base.units import format_si
from dfsrt.report.schema import Spread, StageReport, WorkloadReport
from dfsrt.report.tables import Grid, clock_text, shares
from dfsrt.run.language import SHARED


def workloads_grid(workloads: Sequence[WorkloadReport]) -> Grid:
    """Return the workloads of a trace: requests, deadlines, latencies, energy."""
    heads = ("<workload", "requests", "done", "dropped", "pending", "met", "missed")
    tail = ("median", "99 %", "energy", "a request")
    return Grid((*heads, *tail), [_workload(w) for w in workloads])


def _workload(w: WorkloadReport) -> tuple[str, ...]:
    n, d, each = w.requests, w.deadlines, w.energy_per_request_j
    return (
        w.name,
        *(f"{v:,}" for v in (n.total, n.completed, n.dropped, n.pending, d.met, d.missed)),
        *_times(w.latency_s),
        format_si(w.energy_j, "J"),
        "" if each is None else format_si(each, "J"),
    )


def _times(times: Spread | None) -> tuple[str, str]:
    if times is None:
        return "", ""
    return format_si(times.p50, "s"), format_si(times.p99, "s")


def stages_grid(stages: Sequence[StageReport]) -> Grid:
    """Return the stages of pipelines: calls, time, energy, share, clocks.

    Of passes that requests share, those of sizes that came.
    """
    heads = ("<stage", "<on", "calls", "time", "energy", "share", "all domains", "<clocks")
    return Grid(heads, [_stage(s) for s in stages if s.calls or not s.name.startswith(SHARED)])


def _stage(s: StageReport) -> tuple[str, ...]:
    head = (s.name, s.where, f"{s.calls:,}", format_si(s.time_s, "s"))
    if s.where != "npu":
        return (*head, "", "", "", "")
    return (
        *head,
        format_si(s.energy_j, "J"),
        f"{s.energy_share:.1%}",
        format_si(s.energy_by_domain_j.total, "J"),
        shares({clock_text(e.freq_hz): e.share for e in s.clocks}),
    )
