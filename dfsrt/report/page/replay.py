"""The page of a replay."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from dfsrt.base.units import format_si
from dfsrt.device.npu import Npu
from dfsrt.report.page import parts
from dfsrt.report.page.card import card_tables
from dfsrt.report.page.envelope import Envelope
from dfsrt.report.page.page import Figure, Page, Section, Table, Tile
from dfsrt.report.page.run import about, stages_table
from dfsrt.report.page.style import axis, colour
from dfsrt.report.replay_schema import ReplayReport

MOST_POINTS = 3000


def replay_page(
    report: ReplayReport,
    requests: Mapping[str, Any],
    npu: Npu,
    envelope: Envelope | None = None,
) -> Page:
    """Return the page of a replay; ``requests`` are its columns, one entry a request."""
    first = parts.transitions(report.governor, report.transitions, npu.opps.freqs_hz)
    over_time = (
        Section("Power over time", "The replay was too long to keep every layer.")
        if envelope is None
        else Section("Power over time", "", [parts.power_over_time(envelope)])
    )
    clocks = [parts.residency([(report.governor, report.residency)])]
    cap = "no cap" if report.cap_w is None else f"cap {format_si(report.cap_w, 'W')}"
    return Page(
        title=f"{report.trace.name} on {report.device}",
        what=f"A {report.trace.kind} trace under {report.governor}, {cap}, {report.discipline}, "
        f"{report.loop} loop, drop {report.drop}; seed {report.seed}.",
        tiles=_tiles(report),
        sections=[
            Section("Requests", "", [_latencies(requests)], [_workloads(report)]),
            over_time,
            Section("Clocks", "", [*clocks, *([first] if first else [])]),
            Section("Energy", "", [parts.energy_tree("energy", _energy(report))]),
            Section("Stages", "", tables=[stages_table(report.stages)]),
            about(report.notes, report.assumed, *card_tables(report.power_model, npu)),
        ],
    )


def _tiles(r: ReplayReport) -> list[Tile]:
    d = r.deadlines
    return [
        Tile("requests done", f"{r.requests.completed:,}", f"of {r.requests.total:,}"),
        Tile("deadlines missed", f"{d.missed:,}", f"of {d.met + d.missed:,}"),
        Tile("median latency", "-" if r.latency_s is None else format_si(r.latency_s.p50, "s")),
        Tile("energy", format_si(r.energy_j, "J"), f"{format_si(r.idle_j, 'J')} of it idle"),
        Tile("average power", format_si(r.power_w.avg, "W"), r.cap.domain),
        Tile("NPU busy", f"{r.busy_share:.1%}"),
    ]


def _latencies(requests: Mapping[str, Any]) -> Figure:
    """Latency of each request over its arrival; of very many, the slowest and a sample."""
    arrival = np.asarray(requests["arrival_ns"]) * 1e-9
    latency = np.asarray(requests["latency_ns"]) * 1e-9
    workload = np.asarray(requests["workload"])
    deadline = np.asarray(requests["deadline_ns"])
    late = (deadline >= 0) & (np.asarray(requests["latency_ns"]) > deadline)
    chosen = _some(latency)
    data = []
    for k, name in enumerate(dict.fromkeys(workload.tolist())):
        own = chosen[(workload[chosen] == name) & (latency[chosen] > 0)]
        data.append(
            {
                "type": "scatter",
                "mode": "markers",
                "name": name,
                "x": arrival[own],
                "y": latency[own],
                "marker": {
                    "size": 5,
                    "color": colour(k),
                    "symbol": ["x" if x else "circle" for x in late[own].tolist()],
                },
                "hovertemplate": "at %{x:.4g} s: %{y:.4g} s",
            }
        )
    done = latency[latency > 0]
    says = (
        f"{len(done):,} requests done, {format_si(float(np.median(done)), 's')} in the middle; "
        if len(done)
        else "no request was done; "
    )
    return Figure(
        name="latencies",
        title="Latency of requests",
        says=says + f"{int(late.sum()):,} came after their deadline and are crosses",
        data=data,
        layout={
            "xaxis": axis("arrival (s)"),
            "yaxis": axis("latency (s)", type="log"),
        },
    )


def _some(latency: Any) -> Any:
    """The slowest requests and every so many of the others, in order."""
    if len(latency) <= MOST_POINTS:
        return np.arange(len(latency))
    slowest = np.argsort(-latency)[: MOST_POINTS // 4]
    spread = np.arange(0, len(latency), -(-len(latency) // (3 * MOST_POINTS // 4)))
    return np.unique(np.concatenate([slowest, spread]))


def _workloads(r: ReplayReport) -> Table:
    rows = [
        (
            w.name, f"{w.requests.total:,}", f"{w.requests.completed:,}",
            f"{w.requests.dropped:,}", f"{w.deadlines.missed:,}",
            "-" if w.latency_s is None else format_si(w.latency_s.p50, "s"),
            "-" if w.latency_s is None else format_si(w.latency_s.p99, "s"),
            format_si(w.energy_j, "J"),
        )
        for w in r.workloads
    ]  # fmt: skip
    heads = ("<workload", "requests", "done", "dropped", "missed", "median", "99 %", "energy")
    return Table(heads, rows, "Workloads")


def _energy(r: ReplayReport) -> dict[str, Any]:
    """Stages of each workload, and the time in which nothing ran."""
    found: dict[str, Any] = {}
    for s in r.stages:
        found.setdefault(s.workload, {})[s.name] = s.energy_j
    return {**found, "idle": r.idle_j}
