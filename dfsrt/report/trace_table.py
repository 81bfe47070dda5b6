"""A trace at a glance: what is asked for, how often, and what the cap does."""

from __future__ import annotations

import math

import msgspec
import numpy as np

from dfsrt.base.arrays import Ints
from dfsrt.base.units import format_si
from dfsrt.report.schema import SCHEMA_VERSION, CapChange
from dfsrt.report.tables import make_console, say, show
from dfsrt.report.trace_tokens import TraceTokens, tokens_of, tokens_table
from dfsrt.trace import NO_DEADLINE, Trace


class TraceWorkload(msgspec.Struct, frozen=True, kw_only=True):
    """One workload: requests, mean rate over the trace, and most in any one second from 0 s on.

    ``deadline_s`` is the shortest deadline, null where there is none; ``tokens`` are those of
    requests for a language model, null for any other.
    """

    name: str
    requests: int
    sessions: int
    rate_hz: float
    peak_hz: float
    deadline_s: float | None
    priority: int
    tokens: TraceTokens | None = None


class TraceReport(msgspec.Struct, frozen=True, kw_only=True):
    """A trace's card and its requests, counted."""

    schema_version: int = SCHEMA_VERSION
    name: str
    kind: str
    description: str
    source: str
    duration_s: float
    requests: int
    cap_changes: list[CapChange]
    workloads: list[TraceWorkload]


def trace_report(trace: Trace) -> TraceReport:
    """Return what there is to say of ``trace``."""
    card = trace.card
    return TraceReport(
        name=card.name,
        kind=card.kind,
        description=card.description,
        source=card.source,
        duration_s=card.duration_ns * 1e-9,
        requests=len(trace),
        cap_changes=[
            CapChange(t * 1e-9, w if math.isfinite(w) else None) for t, w in card.cap_steps
        ],
        workloads=[_workload(trace, i) for i in range(len(trace.workloads))],
    )


def _workload(trace: Trace, number: int) -> TraceWorkload:
    own = trace.workload == number
    deadlines = trace.deadline_ns[own & (trace.deadline_ns != NO_DEADLINE)]
    return TraceWorkload(
        name=trace.workloads[number],
        requests=int(own.sum()),
        sessions=len(np.unique(trace.session[own])),
        rate_hz=float(own.sum()) / max(trace.card.duration_ns * 1e-9, 1e-9),
        peak_hz=_peak(trace.arrival_ns[own]),
        deadline_s=float(deadlines.min()) * 1e-9 if len(deadlines) else None,
        priority=int(trace.priority[own].max(initial=0)),
        tokens=tokens_of(trace, own),
    )


def _peak(arrival_ns: Ints) -> float:
    """Most arrivals in one second."""
    if len(arrival_ns) == 0:
        return 0.0
    _, counts = np.unique(arrival_ns // 1_000_000_000, return_counts=True)
    return float(counts.max())


def trace_table(report: TraceReport) -> None:
    """Print a trace."""
    console = make_console()
    say(
        console,
        f"{report.name} ({report.kind}): {report.requests:,} requests in "
        f"{report.duration_s:,.6g} s",
        report.description,
        f"source: {report.source}",
    )
    for step in report.cap_changes:
        limit = "the cap is off" if step.cap_w is None else f"the cap is {step.cap_w:g} W"
        say(console, f"from {step.time_s:,.6g} s {limit}")
    heads = ("<workload", "requests", "sessions", "mean", "peak", "deadline", "priority")
    show(console, heads, (_row(w) for w in report.workloads))
    tokens_table(console, [(w.name, w.tokens) for w in report.workloads if w.tokens is not None])


def _row(w: TraceWorkload) -> tuple[str, ...]:
    due = "" if w.deadline_s is None else format_si(w.deadline_s, "s")
    rates = (f"{w.rate_hz:.3g}/s", f"{w.peak_hz:.0f}/s")
    return (w.name, f"{w.requests:,}", f"{w.sessions:,}", *rates, due, str(w.priority))
