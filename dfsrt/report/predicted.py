"""The table of ``dfsrt predict``."""

from __future__ import annotations

from rich.console import Console

from dfsrt.base.units import format_si
from dfsrt.report.schema import PredictedLayer, PredictReport
from dfsrt.report.tables import say, show


def predict_table(console: Console, report: PredictReport) -> None:
    """Print every layer's prediction and the totals; marks where they do not hold."""
    t = report.totals
    limit = "no limit" if report.cap_w is None else f"limit {format_si(report.cap_w, 'W')}"
    say(
        console,
        f"{report.network} by {report.power_model} ({report.device}, {limit}): {t.layers} layers, "
        f"{format_si(t.latency_s, 's')}, {format_si(t.energy_j, 'J')}, "
        f"{format_si(t.power_w, 'W')} on average",
        *(f"note: {n}" for n in report.notes),
    )
    heads = ("", "<layer", "<op", "<precision", "power", f"at {report.confidence:.4g}", "time")
    rows = (
        (
            str(i),
            a.name,
            a.op,
            a.precision,
            format_si(a.power_w, "W"),
            format_si(a.power_upper_w, "W"),
            format_si(a.latency_s, "s"),
            format_si(a.clock_hz, "Hz"),
            _marks(a),
        )
        for i, a in enumerate(report.layers)
    )
    show(console, (*heads, "clock", "<marks"), rows)


def _marks(layer: PredictedLayer) -> str:
    marks = {"out of range": not layer.in_range, "cap_unreachable": layer.cap_unreachable}
    return ", ".join(name for name, holds in marks.items() if holds)
