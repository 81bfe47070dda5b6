"""Tables for people: rich on a terminal, plain aligned text when piped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from dfsrt.base.units import format_si
from dfsrt.device.npu import Npu
from dfsrt.report.notes import unknown_notes
from dfsrt.report.schema import CapChange, CapKept, CompareReport, LayersReport, RunReport
from dfsrt.run.log import HeldBy, RunLog


def make_console() -> Console:
    """Return a console on standard output."""
    return Console(highlight=False, soft_wrap=False)


def show(
    console: Console, heads: Sequence[str], rows: Iterable[Sequence[str]], title: str = ""
) -> None:
    """Print a table; heads that begin with ``<`` are left-aligned, all others right.

    On a terminal the last column folds where the width ends; no number is ever cut.
    """
    if not console.is_terminal:
        _show_plain(console, heads, rows, title)
        return
    table = Table(title=title or None, box=SIMPLE_HEAD, title_justify="left", pad_edge=False)
    for index, head in enumerate(heads):
        left, last = head.startswith("<"), index == len(heads) - 1
        table.add_column(
            head.lstrip("<"),
            justify="left" if left else "right",
            no_wrap=not (left and last),
            overflow="fold",
        )
    for row in rows:
        table.add_row(*row)
    # Wider than the window is better than numbers that are cut.
    least = console.measure(table).minimum
    wider = least > console.width
    console.print(table, width=max(console.width, least), crop=False, soft_wrap=wider)


def _show_plain(
    console: Console, heads: Sequence[str], rows: Iterable[Sequence[str]], title: str
) -> None:
    """Write columns two spaces apart, with nothing after the last one."""
    names = [head.lstrip("<") for head in heads]
    lines = [names, *([str(cell) for cell in row] for row in rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(heads))]
    if title:
        console.file.write(f"{title}\n")
    for line in lines:
        cells = (
            cell.ljust(width) if head.startswith("<") else cell.rjust(width)
            for cell, width, head in zip(line, widths, heads, strict=True)
        )
        console.file.write("  ".join(cells).rstrip() + "\n")


def run_table(console: Console, report: RunReport) -> None:
    """Print one run: what ran, how fast, on what energy, and how the cap was kept."""
    say(console, headline(report), *(f"note: {note}" for note in report.notes))
    show(console, ("<figure", "value", "<note"), _run_rows(report))


def say(console: Console, *lines: str) -> None:
    """Print lines of text; only a terminal wraps them."""
    for line in lines:
        console.print(line, soft_wrap=not console.is_terminal, markup=False)


def headline(report: RunReport) -> str:
    """Return one line: network, device, governor, cap."""
    return (
        f"{report.network} on {_device(report)} in {report.precision}, "
        f"governor {report.governor}, {_cap(report)}, {_frames(report)}"
    )


def _watts(cap_w: float | None) -> str:
    return "no cap" if cap_w is None else f"{cap_w:g} W"


def _device(report: RunReport) -> str:
    parts = [report.rail and f"rail {report.rail}", report.bin and f"bin {report.bin}"]
    told = ", ".join(p for p in parts if p)
    return f"{report.device} ({told})" if told else report.device


def _frames(report: RunReport) -> str:
    frames = f"{report.frames} frame{'s' if report.frames != 1 else ''}"
    return frames if report.period_s is None else f"{frames}, one every {_time(report.period_s)}"


def _time(seconds: float) -> str:
    return format_si(seconds, "s")


def _cap(report: RunReport) -> str:
    return cap_text(report.cap_w, report.cap_changes, report.cap)


def cap_text(cap_w: float | None, steps: Sequence[CapChange], kept: CapKept) -> str:
    """Return a cap, its changes, domain and window as text."""
    first = "no cap" if cap_w is None else f"cap {_watts(cap_w)}"
    changes = "".join(f", {_watts(c.cap_w)} from {_time(c.time_s)}" for c in steps)
    if first == "no cap" and not changes:
        return first
    window = f" averaged over {_time(kept.window_s)}" if kept.window_s else ""
    return f"{first}{changes} on {kept.domain}{window}"


def _run_rows(r: RunReport) -> list[tuple[str, str, str]]:
    moves, cap = r.transitions, r.cap
    return [
        (
            "frames shown" if r.stages else "speed",
            f"{r.fps:.2f} FPS",
            f"median latency {format_si(r.latency_s.p50, 's')}",
        ),
        (
            "energy per shown frame" if r.stages else "energy per inference",
            format_si(r.energy_per_inference_j, "J"),
            f"{r.inferences_per_watt_s:.1f} {'frames' if r.stages else 'inferences'} per W·s, "
            f"{r.tops_per_w:.2f} TOPS/W",
        ),
        ("average power", format_si(r.power_w.avg, "W"), f"domain {cap.domain}"),
        (
            "highest layer power",
            format_si(r.power_w.max, "W"),
            f"{format_si(cap.layer_excess_max_w, 'W')} over the cap at most",
        ),
        (
            "layers over the cap",
            f"{cap.layers_over} of {cap.layer_runs}",
            f"{_time(cap.layer_excess_time_s)} in excess; "
            f"{cap.layers_unreachable} could not keep it at any clock",
        ),
        *_window_rows(r),
        (
            "clock changes",
            str(moves.frequency),
            f"{format_si(moves.stall_s, 's')} stalled; {moves.voltage} voltage changes",
        ),
        ("prediction error", f"{r.prediction.mape:.1%}", f"{r.prediction.under_share:.0%} too low"),
        ("clocks", "", _residency(r)),
        ("clock held by", "", shares(r.held_share)),
        ("energy", "", _shares_of(r.energy_breakdown_j, r.energy_j)),
    ]


def _window_rows(r: RunReport) -> list[tuple[str, str, str]]:
    """What the running average did, where the cap has a window."""
    if not r.cap.window_s:
        return []
    excess = f"{format_si(r.cap.excess_max_w, 'W')} over the cap at most"
    return [("running average", _time(r.cap.excess_time_s), f"in excess; {excess}")]


def _residency(r: RunReport) -> str:
    names = [format_si(e.freq_hz, "Hz") if e.freq_hz else "idle" for e in r.residency]
    return shares(dict(zip(names, (e.share for e in r.residency), strict=True)))


def shares(parts: dict[str, float]) -> str:
    """Return named shares as text; those below half a per cent are left out."""
    return ", ".join(f"{name} {share:.0%}" for name, share in parts.items() if share >= 0.005)


def _shares_of(parts: dict[str, float], total: float) -> str:
    return shares({name.replace("_", " "): value / total for name, value in parts.items()})


def compare_table(console: Console, report: CompareReport) -> None:
    """Print runs side by side; the percentages are against the first."""
    first = report.runs[0]
    cap = _cap(first)
    where = f"{report.network} on {_device(first)} in {first.precision}"
    say(console, f"{where}, {cap}, {_frames(first)}")
    for note in dict.fromkeys(note for run in report.runs for note in run.notes):
        say(console, f"note: {note}")
    heads = ("<governor", "FPS", "", "mJ/inference", "", "avg W", "max W", "over cap", "stalled")
    tail = ("V moves", "time regret", "energy regret")
    show(console, (*heads, *tail), (_compare_row(r, first) for r in report.runs))


def _compare_row(r: RunReport, first: RunReport) -> tuple[str, ...]:
    return (
        r.governor,
        f"{r.fps:.2f}",
        _against(r.fps, first.fps),
        f"{r.energy_per_inference_j * 1e3:.3f}",
        _against(r.energy_per_inference_j, first.energy_per_inference_j),
        f"{r.power_w.avg:.3f}",
        f"{r.power_w.max:.3f}",
        f"{r.cap.layers_over / r.cap.layer_runs:.0%}",
        f"{r.transitions.stall_s / r.time_s:.2%}",
        str(r.transitions.voltage),
        *(("", "") if r.regret is None else (f"{r.regret.time:.1%}", f"{r.regret.energy:.1%}")),
    )


def _against(value: float, base: float) -> str:
    return "" if value == base else f"{value / base - 1:+.1%}"


def point_rows(npu: Npu) -> Iterable[tuple[str, ...]]:
    """Return the operating points as rows: level, clock, rail."""
    for level, point in enumerate(npu.opps.points):
        volts = format_si(point.rail_uv * 1e-6, "V", 4)
        yield (str(level), format_si(point.freq_hz, "Hz"), volts)


def layers_table(console: Console, report: LayersReport) -> None:
    """Print every layer and the totals."""
    t = report.totals
    say(
        console,
        f"{report.network}: {t.layers} layers, {t.macs:,} MACs, {t.params:,} constants, "
        f"{t.weight_bytes:,} weight bytes",
        *(f"note: {n}" for n in (*unknown_notes(report.unknown_ops), *report.notes)),
    )
    heads = ["", "<layer", "<op", "<precision", "MACs", "weight B", "input B", "output B"]
    if report.device is not None:
        heads += ["cycles", "DRAM B"]
    show(console, (*heads, "nodes"), _layer_rows(report))


def _layer_rows(report: LayersReport) -> Iterable[tuple[str, ...]]:
    for index, a in enumerate(report.layers):
        sizes = [a.macs, a.weight_bytes, a.input_bytes, a.output_bytes]
        if report.device is not None:
            sizes += [a.compute_cycles or 0, a.dram_bytes or 0]
        numbers = [f"{n:,}" for n in sizes]
        yield (str(index), a.name, a.op, a.precision, *numbers, str(len(a.nodes)))


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
