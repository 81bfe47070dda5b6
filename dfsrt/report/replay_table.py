"""Replays and pipelines for people."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console

from dfsrt.base.units import format_si
from dfsrt.report.replay_schema import Deadlines, ReplayReport, Spread, WorkloadReport
from dfsrt.report.schema import StageReport
from dfsrt.report.tables import cap_text, make_console, say, shares, show


def replay_table(report: ReplayReport) -> None:
    """Print a replay: the whole, each workload, and each stage where there are several."""
    console = make_console()
    say(console, _headline(report), *(f"note: {note}" for note in report.notes))
    show(console, ("<figure", "value", "<note"), _whole(report))
    console.print()
    heads = ("<workload", "requests", "done", "dropped", "pending", "met", "missed")
    tail = ("median", "99 %", "energy", "a request")
    show(console, (*heads, *tail), (_workload_row(w) for w in report.workloads))
    if len(report.stages) > len(report.workloads):
        console.print()
        stages_table(console, report.stages)


def stages_table(console: Console, stages: Iterable[StageReport]) -> None:
    """Print the stages of pipelines: calls, time, energy, share, clocks."""
    heads = ("<stage", "<on", "calls", "time", "energy", "share", "<clocks")
    show(console, heads, (_stage_row(s) for s in stages))


def _headline(r: ReplayReport) -> str:
    copies = "" if r.trace.repeat == 1 else f", {r.trace.repeat} times"
    scale = "" if r.trace.time_scale == 1 else f", times x {r.trace.time_scale:g}"
    cap = cap_text(r.cap_w, r.cap_changes, r.cap)
    rules = f"{r.discipline}, {r.loop} loop, drop {r.drop}"
    return (
        f"{r.trace.name} ({r.trace.kind}{copies}{scale}) on {r.device}, governor {r.governor}, "
        f"{cap}; {rules}"
    )


def _whole(r: ReplayReport) -> list[tuple[str, str, str]]:
    counts = r.requests
    return [
        ("time", format_si(r.time_s, "s"), f"NPU busy {r.busy_share:.1%} of it"),
        (
            "requests",
            f"{counts.total:,}",
            f"{counts.completed:,} completed, {counts.dropped:,} dropped, "
            f"{counts.pending:,} pending; {r.preemptions:,} preemptions",
        ),
        ("deadlines met", _met(r.deadlines), _deadline_note(r.deadlines)),
        ("median latency", _time(r.latency_s, "p50"), _spread(r.latency_s)),
        ("median wait", _time(r.wait_s, "p50"), _spread(r.wait_s)),
        (
            "energy",
            format_si(r.energy_j, "J"),
            f"{format_si(r.idle_j, 'J')} of it idle; domain {r.cap.domain}",
        ),
        ("average power", format_si(r.power_w.avg, "W"), ""),
        (
            "layers over the cap",
            f"{r.cap.layers_over:,}",
            f"of {r.cap.layer_runs:,}; highest layer {format_si(r.power_w.max, 'W')}",
        ),
        (
            "clock changes",
            f"{r.transitions.frequency:,}",
            f"{format_si(r.transitions.stall_s, 's')} stalled; "
            f"{r.transitions.voltage:,} voltage changes",
        ),
        ("clocks", "", shares({_clock(e.freq_hz): e.share for e in r.residency})),
    ]


def _met(d: Deadlines) -> str:
    judged = d.met + d.missed
    return f"{d.met / judged:.1%}" if judged else "none set"


def _deadline_note(d: Deadlines) -> str:
    undecided = f", {d.undecided:,} undecided at the end" if d.undecided else ""
    return f"{d.met:,} met, {d.missed:,} missed{undecided}, {d.without:,} without"


def _time(spread: Spread | None, which: str) -> str:
    return "" if spread is None else format_si(getattr(spread, which), "s")


def _spread(spread: Spread | None) -> str:
    if spread is None:
        return "nothing completed"
    parts = [f"{name} {_time(spread, field)}" for name, field in _SHOWN]
    return ", ".join(parts)


_SHOWN = (("mean", "mean"), ("90 %", "p90"), ("99 %", "p99"), ("longest", "max"))


def _workload_row(w: WorkloadReport) -> tuple[str, ...]:
    n, d = w.requests, w.deadlines
    each = w.energy_per_request_j
    return (
        w.name,
        *(f"{v:,}" for v in (n.total, n.completed, n.dropped, n.pending, d.met, d.missed)),
        _time(w.latency_s, "p50"),
        _time(w.latency_s, "p99"),
        format_si(w.energy_j, "J"),
        "" if each is None else format_si(each, "J"),
    )


def _stage_row(s: StageReport) -> tuple[str, ...]:
    on_npu = s.where == "npu"
    return (
        s.name,
        s.where,
        f"{s.calls:,}",
        format_si(s.time_s, "s"),
        format_si(s.energy_j, "J") if on_npu else "",
        f"{s.energy_share:.1%}" if on_npu else "",
        shares({_clock(e.freq_hz): e.share for e in s.clocks}),
    )


def _clock(freq_hz: int) -> str:
    return format_si(freq_hz, "Hz") if freq_hz else "idle"
