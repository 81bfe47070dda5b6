"""What ``dfsrt predict`` says: as JSON and as a table."""

from __future__ import annotations

import msgspec
from rich.console import Console

from dfsrt.base.units import format_si
from dfsrt.report.schema import SCHEMA_VERSION
from dfsrt.report.tables import say, show


class PredictedLayer(msgspec.Struct, frozen=True, kw_only=True):
    """One layer as a power model sees it; ``power_upper_w`` is the bound at the confidence."""

    name: str
    op: str
    precision: str
    power_w: float
    power_upper_w: float
    latency_s: float
    clock_hz: float
    in_range: bool
    cap_unreachable: bool


class PredictedTotals(msgspec.Struct, frozen=True, kw_only=True):
    """Sums over a network's layers, run one after another."""

    layers: int
    out_of_range: int
    cap_unreachable: int
    latency_s: float
    energy_j: float
    power_w: float
    power_max_w: float


class PredictReport(msgspec.Struct, frozen=True, kw_only=True):
    """A network's layers as a power model predicts them."""

    schema_version: int = SCHEMA_VERSION
    network: str
    device: str
    power_model: str
    confidence: float
    cap_w: float | None
    totals: PredictedTotals
    layers: list[PredictedLayer]
    notes: list[str]


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
