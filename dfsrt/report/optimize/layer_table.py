"""Layers before and after a chain of steps, for people."""

from __future__ import annotations

from collections.abc import Callable

from dfsrt.base.units import format_si
from dfsrt.report.memory.table import short_name
from dfsrt.report.optimize.schema import LayerChange, LayerState, OptimizeReport
from dfsrt.report.optimize.words import worst_line
from dfsrt.report.tables import Grid

LONGEST_NAME = 24
HEADS = (
    *("<layer", "<op", "<precision", "weights", "stored", "DRAM", "time", "energy"),
    *("zeros", "<pattern", "SQNR"),
)


def layers_grid(report: OptimizeReport) -> Grid:
    """Return the layers: before, an arrow, after; one value where nothing changed."""
    worst = worst_line(report)
    lines = ["layers as given > after the last step", *([worst] if worst else [])]
    return Grid(HEADS, [_row(layer) for layer in report.layers], lines)


def _row(layer: LayerChange) -> tuple[str, ...]:
    after = layer.after
    return (
        short_name(layer.name, LONGEST_NAME),
        short_name(layer.op, LONGEST_NAME),
        _both(layer, _numbers),
        _both(layer, lambda s: _si(s.weight_bytes, "B")),
        _both(layer, lambda s: _si(s.stored_bytes, "B")),
        _both(layer, lambda s: _si(s.dram_bytes, "B")),
        _both(layer, lambda s: _si(s.time_s, "s")),
        _both(layer, lambda s: _si(s.energy_j, "J")),
        "" if after is None or not after.zeros else f"{after.zeros:.1%}",
        "" if after is None else after.pattern,
        "" if layer.sqnr_db is None else f"{layer.sqnr_db:.1f} dB",
    )


def _si(amount: float, unit: str) -> str:
    return format_si(amount, unit) if amount else "0"


def _numbers(state: LayerState) -> str:
    narrower = state.weights and state.weights != state.precision
    return f"{state.precision}, w {state.weights}" if narrower else state.precision


def _both(layer: LayerChange, text: Callable[[LayerState], str]) -> str:
    before = "none" if layer.before is None else text(layer.before)
    after = "gone" if layer.after is None else text(layer.after)
    return before if before == after else f"{before} > {after}"
