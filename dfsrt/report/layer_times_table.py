"""An imported profile on the terminal."""

from __future__ import annotations

from rich.console import Console

from dfsrt.base.units import format_si
from dfsrt.recording.source import printable
from dfsrt.report.layer_times import OperatorTimes, ProfileLayer, ProfileReport
from dfsrt.report.tables import say, show

_OPERATOR_HEADS = ("<operator", "layers", "time", "share", "cycles")
_LAYER_HEADS = ("<layer", "<operator", "<on", "time", "share", "cycles", "MACs", "DRAM", "<output")


def show_profile(console: Console, report: ProfileReport) -> None:
    """Print a profile: its sums and notes, its operators, its layers, without empty columns."""
    sums = [f"{len(report.layers)} layers"]
    if report.time_s is not None:
        sums.append(format_si(report.time_s, "s", 4))
    if report.cycles is not None:
        sums.append(f"{report.cycles:,} cycles")
    about = [f"{key}: {printable(value)}" for key, value in report.about.items()]
    say(console, f"{report.kind}:{report.path}: {', '.join([*sums, *about])}")
    for note in report.notes:
        say(console, f"note: {note}")
    if any(operator.op for operator in report.operators):
        _show(console, _OPERATOR_HEADS, [_operator(o) for o in report.operators])
    _show(console, _LAYER_HEADS, [_layer(layer, report) for layer in report.layers])


def _show(console: Console, heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    """Show a table without the columns that hold nothing."""
    places = [n for n in range(len(heads)) if any(row[n] for row in rows)]
    show(console, [heads[n] for n in places], [[row[n] for n in places] for row in rows])


def _operator(o: OperatorTimes) -> tuple[str, ...]:
    return (
        printable(o.op) or "other",
        f"{o.layers:,}",
        "" if o.time_s is None else format_si(o.time_s, "s"),
        f"{o.share:.1%}",
        "" if o.cycles is None else f"{o.cycles:,}",
    )


def _layer(layer: ProfileLayer, report: ProfileReport) -> tuple[str, ...]:
    whole = report.time_s if report.time_s is not None else report.cycles
    part = layer.time_s if report.time_s is not None else layer.cycles
    return (
        printable(layer.name),
        printable(layer.op),
        layer.target,
        "" if layer.time_s is None else format_si(layer.time_s, "s"),
        f"{(part or 0) / whole:.1%}" if whole else "",
        "" if layer.cycles is None else f"{layer.cycles:,}",
        "" if layer.macs is None else f"{layer.macs:,}",
        "" if layer.dram_bytes is None else format_si(layer.dram_bytes, "B"),
        "×".join(map(str, layer.output_shape)),
    )
