"""Requests of a trace: their latencies, when they came and left, and their workloads."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from dfsrt.base.arrays import Floats, Ints, Mask, Reals
from dfsrt.base.units import format_si
from dfsrt.report.columns import workload_names
from dfsrt.report.look import BLUE, DASHED, GREEN, RED
from dfsrt.report.page.grids import table_of
from dfsrt.report.page.page import Figure, Section
from dfsrt.report.page.style import axis, colour, line, marks, si_axis
from dfsrt.report.queue_table import workloads_grid
from dfsrt.report.scales import is_wide
from dfsrt.report.schema import Report
from dfsrt.run.ended import Ended
from dfsrt.run.outcomes import Outcomes
from dfsrt.run.run import Run
from dfsrt.run.status import Status
from dfsrt.run.stream import NO_DEADLINE

MOST_POINTS = 3000
MOST_BINS = 200
SHARES = [0.5 * k for k in range(200)] + [99.9, 100.0]
"""Shares of requests, in per cent, of which a figure shows how long they took at most."""
WITHIN = "%{y:.1f} % within %{x:.4s}s"


def requests_section(report: Report, run: Run) -> Section | None:
    """Return how the requests of a trace fared; None for any other load."""
    if report.queue is None:
        return None
    figures, ended, names = [], run.requests, workload_names(run.job)
    if ended is not None and len(ended):
        until_s = run.book.span_ns * 1e-9
        figures = [latencies(ended, names), over_time(ended, until_s)]
    book = run.book.requests
    if book.whole.completed:
        figures.append(_within(book.whole, dict(zip(names, book.of_workload, strict=True))))
    text = "" if ended is not None else "The requests were not held one by one."
    table = table_of(workloads_grid(report.queue.workloads), "Workloads")
    return Section("Requests", text, figures, [table])


def latencies(ended: Ended, names: list[str]) -> Figure:
    """Latency of each request over its arrival; of very many, the slowest and a sample."""
    done = ended.done
    latency_s, late = (done.finish_ns - done.arrival_ns) * 1e-9, _late(done)
    shown = _some(latency_s)
    own = {name: shown[done.workload[shown] == k] for k, name in enumerate(names)}
    return Figure(
        name="latencies",
        title="Latency of requests",
        says=_latency_sentence(latency_s, late),
        data=[
            _latency_marks(name, done.where(rows), late[rows], colour(k))
            for k, (name, rows) in enumerate(own.items())
            if len(rows)
        ],
        layout={"xaxis": axis("arrival (s)"), "yaxis": _latency_axis(latency_s)},
    )


def _latency_axis(latency_s: Reals) -> dict[str, object]:
    """An axis of latencies, logarithmic where the longest is many times the shortest."""
    wide = is_wide([float(t) for t in (latency_s.min(initial=np.inf), latency_s.max(initial=0))])
    return si_axis("latency", "s", **({"type": "log"} if wide else {"rangemode": "tozero"}))


def _latency_sentence(latency_s: Reals, late: Mask) -> str:
    if not len(latency_s):
        return "no request was done"
    middle = format_si(float(np.median(latency_s)), "s")
    return (
        f"{len(latency_s):,} requests done, half of them within {middle}; {int(late.sum()):,} "
        "came after their deadline and are crosses"
    )


def _latency_marks(name: str, done: Ended, late: Mask, shade: str) -> dict[str, object]:
    symbols = ["x" if x else "circle" for x in late.tolist()]
    arrival_s, latency_s = done.arrival_ns * 1e-9, (done.finish_ns - done.arrival_ns) * 1e-9
    marker, hover = {"size": 5, "color": shade, "symbol": symbols}, "at %{x:.4g} s: %{y:.4s}s"
    return marks(name, arrival_s, latency_s, marker, hovertemplate=hover)


def _late(done: Ended) -> Mask:
    """Which of the served came after their deadline."""
    late = done.finish_ns - done.arrival_ns > done.deadline_ns
    return np.asarray((done.deadline_ns != NO_DEADLINE) & late)


def _some(latency: Reals) -> Ints:
    """The slowest requests and every so many of the others, in order."""
    if len(latency) <= MOST_POINTS:
        return np.arange(len(latency))
    slowest = np.argsort(-latency)[: MOST_POINTS // 4]
    spread = np.arange(0, len(latency), -(-len(latency) // (3 * MOST_POINTS // 4)))
    return np.unique(np.concatenate([slowest, spread]))


def over_time(ended: Ended, until_s: float) -> Figure:
    """Requests that came, were done and were dropped, and the most that were there at once."""
    bins = min(MOST_BINS, max(1, len(ended) // 10))
    edges = np.linspace(0.0, max(until_s, 1e-9), bins + 1)
    dropped = ended.where(ended.status == Status.DROPPED)
    here = _most_here(ended, edges)
    counts = {
        "arrived": (_counts(ended.arrival_ns, edges), BLUE),
        "done": (_counts(ended.done.finish_ns, edges), GREEN),
        "dropped": (_counts(dropped.finish_ns, edges), RED),
        "most at once": (here, "@muted"),
    }
    lines = [
        line(name, edges, np.append(count, count[-1]), shade, line={"shape": "hv", "dash": dash})
        for (name, (count, shade)), dash in zip(counts.items(), DASHED, strict=True)
        if name != "dropped" or len(dropped)
    ]
    return Figure(
        name="requests-over-time",
        title=f"Requests in each {format_si(float(edges[1]), 's')}",
        says=f"{len(ended):,} arrived, {len(ended.done):,} done, {len(dropped):,} dropped; at most "
        f"{int(here.max()):,} were waiting or at work at once",
        data=lines,
        layout={
            "xaxis": axis("time (s)"), "yaxis": axis("requests", rangemode="tozero"),
            "hovermode": "x unified",
        },
    )  # fmt: skip


def _counts(time_ns: Ints, edges: Floats) -> Ints:
    """How many of the times lie in each bin, ``(n_bins,)``; the last holds its end, too."""
    return np.histogram(time_ns * 1e-9, edges)[0]


def _most_here(ended: Ended, edges: Floats) -> Ints:
    """The most requests that were there at one moment of each bin, ``(n_bins,)``."""
    left_ns = ended.finish_ns[ended.finish_ns >= 0]
    time_s = np.concatenate([ended.arrival_ns, left_ns]) * 1e-9
    step = np.repeat([1, -1], [len(ended), len(left_ns)])
    order = np.lexsort((step, time_s))  # who leaves makes room for who comes
    here, when = np.cumsum(step[order]), time_s[order]
    # What was there before a bin is there as it begins.
    before = np.searchsorted(when, edges[:-1], side="right")
    most = np.where(before > 0, here[before - 1], 0)
    last = len(edges) - 2
    place = np.clip(np.searchsorted(edges, when, side="right") - 1, 0, last)
    np.maximum.at(most, place, here)
    return most


def _reach(latency_s: Floats) -> list[float]:
    """The ends of an axis of latencies: some beyond the longest, whose line is seen rising."""
    least, most = float(latency_s.min()), float(latency_s.max()) * 1.04
    if _latency_axis(latency_s).get("type") == "log":
        return [math.log10(least / 1.04), math.log10(most)]
    return [0.0, most]


def _within(whole: Outcomes, workloads: Mapping[str, Outcomes]) -> Figure:
    """The share of requests that were done within a time, a line for each workload."""
    half, most = (format_si(t, "s") for t in whole.latency.percentiles_s(50, 99))
    longest = format_si(whole.latency.max_s, "s")
    spread = np.array(whole.latency.percentiles_s(0, 100))
    lines = [
        line(name, outcomes.latency.percentiles_s(*SHARES), SHARES, colour(k), hovertemplate=WITHIN)
        for k, (name, outcomes) in enumerate(workloads.items())
        if outcomes.completed
    ]
    return Figure(
        name="latency-spread",
        title="Requests done within a time",
        says=f"half of the requests within {half}, 99 % within {most}, all within {longest}",
        data=lines,
        layout={
            "xaxis": {**_latency_axis(spread), "range": _reach(spread)},
            "yaxis": axis("requests (%)", range=[0, 102]),
        },
        height=320,
    )  # fmt: skip
