"""A run for people: a core table that every report has, and a table for each of its parts."""

from __future__ import annotations

from rich.console import Console

from dfsrt.base.units import format_si
from dfsrt.report.battery_table import battery_grids, span_text
from dfsrt.report.headline import headline
from dfsrt.report.idle_table import idle_grid, idle_row
from dfsrt.report.memory_clock import memory_rows
from dfsrt.report.parallel_table import parallel_grid, parallel_row
from dfsrt.report.queue_table import stages_grid, workloads_grid
from dfsrt.report.schema import Deadlines, MemoryUse, Prediction, Report, Spread
from dfsrt.report.tables import Grid, clock_text, shares, show, show_grids
from dfsrt.report.tokens_table import tokens_rows
from dfsrt.run.log import HeldBy, RunLog

Row = tuple[str, str, str]


def run_table(console: Console, report: Report) -> None:
    """Print one run of any load: what ran, how fast, on what energy, how the cap was kept."""
    show_grids(console, run_grids(report))


def run_grids(report: Report) -> list[Grid]:
    """Return the tables of one run."""
    lines = (headline(report), *(f"note: {note}" for note in report.notes))
    rows = [
        *_speed(report),
        *tokens_rows(report.tokens),
        *_energy(report),
        *_power(report),
        *_clocks(report),
    ]
    grids = [Grid(("<figure", "value", "<note"), rows, lines)]
    if report.idle is not None:
        grids.append(idle_grid(report.idle))
    if report.parallel is not None:
        grids.append(parallel_grid(report.parallel))
    queue, stages = report.queue, report.stages
    if queue is not None:
        grids.append(workloads_grid(queue.workloads))
    if len(stages) > (0 if queue is None else len(queue.workloads)):
        grids.append(stages_grid(stages))
    if report.battery is not None:
        grids += battery_grids(report.battery, report.assumed)
    return grids


def _speed(r: Report) -> list[Row]:
    """How many requests, how fast, and in time."""
    n = r.requests
    rows = [
        (
            "speed" if r.shown_fps is None else "frames shown",
            f"{r.fps:.2f} FPS",
            f"{r.frames:,} frame{'s' * (r.frames != 1)} in {span_text(r.time_s)}, {_busy(r)}",
        ),
        ("median latency", _median(r.latency_s), _spread(r.latency_s)),
    ]
    if r.wait_s is not None and r.wait_s.max > 0:
        rows.append(("median wait", _median(r.wait_s), _spread(r.wait_s)))
    if n.completed < n.total or r.queue is not None:
        paused = "" if r.queue is None else f"; {r.queue.preemptions:,} preemptions"
        ends = f"{n.completed:,} completed, {n.dropped:,} dropped, {n.pending:,} pending"
        rows.append(("requests", f"{n.total:,}", ends + paused))
    if r.deadlines.without < n.total or r.queue is not None:
        rows.append(("deadlines met", met_text(r.deadlines), _deadlines(r.deadlines)))
    return rows


def _busy(r: Report) -> str:
    cores = "" if r.parallel is None else f", {len(r.parallel.lanes)} at once"
    return f"NPU busy {r.busy_share:.1%}{cores}"


def _median(times: Spread | None) -> str:
    return "" if times is None else format_si(times.p50, "s")


def _spread(times: Spread | None) -> str:
    if times is None:
        return "nothing completed"
    shown = {"mean": times.mean, "90 %": times.p90, "95 %": times.p95, "99 %": times.p99}
    parts = [f"{name} {format_si(value, 's')}" for name, value in shown.items()]
    return ", ".join([*parts, f"longest {format_si(times.max, 's')}"])


def met_text(d: Deadlines) -> str:
    """Return the share of deadlines that were met of those that were judged."""
    judged = d.met + d.missed
    return f"{d.met / judged:.1%}" if judged else "none set"


def _deadlines(d: Deadlines) -> str:
    undecided = f", {d.undecided:,} undecided at the end" if d.undecided else ""
    return f"{d.met:,} met, {d.missed:,} missed{undecided}, {d.without:,} without"


def _energy(r: Report) -> list[Row]:
    """Energy in the capped domain, and in all: of a frame, or of the run where none finished."""
    e, frames = r.energy_by_domain_j, r.frames or 1
    each = "per frame" if r.frames else "of the run"
    domains = {"NPU": e.npu, "DRAM": e.dram, "uncore": e.uncore}
    parts = ", ".join(f"{name} {format_si(j / frames, 'J')}" for name, j in domains.items())
    idle = f"; {format_si(r.idle_j, 'J')} idle in all" if r.idle_j > 0 else ""
    return [
        (f"energy {each}", format_si(r.energy_j / frames, "J"), f"{_efficiency(r)}{idle}"),
        (f"all domains {each}", format_si(e.total / frames, "J"), parts),
        ("energy", format_si(r.energy_j, "J"), _shares_of(r.energy_breakdown_j, r.energy_j)),
        (f"DRAM {each}", format_si(r.memory.dram_bytes / frames, "B"), _memory(r.memory)),
        *([] if r.parallel is None else [parallel_row(r.parallel)]),
        *([] if r.idle is None else [idle_row(r.idle)]),
    ]


def _memory(m: MemoryUse) -> str:
    """Who said what crosses, and how far that is from the least."""
    times = "" if m.times_bound is None else f"{m.times_bound:.2f} times the least; "
    part = "" if m.dram is None else f", {m.dram}"
    return f"{times}mapper {m.mapper}, schedule {m.schedule}{part}"


def _efficiency(r: Report) -> str:
    if r.inferences_per_watt_s is None:
        return f"domain {r.cap.domain}"
    tops = "" if r.tops_per_w is None else f", {r.tops_per_w:.2f} TOPS/W"
    return f"domain {r.cap.domain}: {r.inferences_per_watt_s:.4g} per W·s{tops}"


def _shares_of(parts: dict[str, float], total: float) -> str:
    if total <= 0:
        return ""
    return shares({name.replace("_", " "): value / total for name, value in parts.items()})


def _power(r: Report) -> list[Row]:
    """Watts, and how the cap was kept."""
    cap, p = r.cap, r.power_w
    rows = [
        ("average power", format_si(p.avg, "W"), f"domain {cap.domain}"),
        (
            "highest layer power" if r.parallel is None else "highest power at once",
            format_si(p.max, "W"),
            f"{format_si(cap.layer_excess_max_w, 'W')} over the cap at most",
        ),
        (
            "layers over the cap",
            f"{cap.layers_over:,} of {cap.layer_runs:,}",
            f"{format_si(cap.layer_excess_time_s, 's')} in excess; "
            f"{cap.layers_unreachable:,} could not keep it at any clock",
        ),
    ]
    if cap.window_s:
        excess = f"in excess; {format_si(cap.excess_max_w, 'W')} over the cap at most"
        rows.append(("running average", format_si(cap.excess_time_s, "s"), excess))
    if r.prediction.mape is not None:
        rows.append(("prediction error", f"{r.prediction.mape:.1%}", _prediction(r.prediction)))
    return rows


def _prediction(p: Prediction) -> str:
    low = f"{p.under_share or 0:.0%} too low"
    if p.mean_error is None or p.margin is None:
        return low
    return f"{low}; the mean is off by {p.mean_error:.1%}, the bound {p.margin:.1%} above it"


def _clocks(r: Report) -> list[Row]:
    """Clocks: changes, shares of time, and what held them."""
    moves = r.transitions
    of_memory_s = 0.0 if r.memory_clock is None else r.memory_clock.stall_s
    stall_s = max(moves.stall_s - of_memory_s, 0.0)
    changes = f"{format_si(stall_s, 's')} stalled; {moves.voltage:,} voltage changes"
    rows = [
        ("clock changes", f"{moves.frequency:,}", changes),
        ("clocks", "", shares({clock_text(e.freq_hz): e.share for e in r.residency})),
        *memory_rows(r.memory_clock),
    ]
    return [*rows, ("clock held by", "", shares(r.held_share))] if r.held_share else rows


def frame_table(console: Console, log: RunLog) -> None:
    """Print the last frame, layer by layer: time, clock, watts and what held the clock."""
    heads = ("", "<layer", "time", "clock", "rail", "predicted", "true", "<held by")
    show(console, heads, (_frame_row(log, i) for i in log.last_frame.tolist()))


def _frame_row(log: RunLog, i: int) -> tuple[str, ...]:
    held = HeldBy(log.held_by[i]).name.lower()
    return (
        str(log.layer[i]),
        log.table.load.names[log.layer[i]],
        format_si((log.end_ns[i] - log.start_ns[i]) * 1e-9, "s"),
        format_si(float(log.freq_hz[i]), "Hz"),
        format_si(log.rail_uv[i] * 1e-6, "V"),
        format_si(float(log.predicted_w[i]), "W"),
        format_si(float(log.power_w[i]), "W"),
        f"{held} (cap unreachable)" if log.cap_unreachable[i] else held,
    )
