"""A search in words: its head, a point's row, a layer's options."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from dfsrt.base.units import format_si
from dfsrt.report.tables import Grid
from dfsrt.study.layers.schema import LayerPoint, LayerReport

POINTS = (
    "<",
    "trial",
    "energy",
    "time",
    "weights",
    "SQNR",
    "cosine",
    "accuracy",
    "same",
    "<layers",
)
COLUMNS = {"sqnr_db": "SQNR"}
"""What tables call a fidelity, where they do not call it as the option does."""
NONE = "-"
MOST_LAYERS = 12
"""Layers whose choices stand one after another."""
MOST_ROWS = 20


def head_lines(report: LayerReport) -> list[str]:
    """Return what was searched, on what, and how."""
    cap = "no cap" if report.cap_w is None else f"cap {format_si(report.cap_w, 'W')}"
    how = "every point of the space" if report.exhaustive else f"{report.trials} trials"
    failed = f", {report.failed} of them failed" if report.failed else ""
    return [
        f"{report.network} on {report.device}, governor {report.governor}, {cap}; answers on "
        f"{report.data}",
        f"{how}{failed}; {len(report.pareto)} of them on the Pareto set of "
        f"{fidelity_title(report)} against energy a frame",
        *(f"note: {note}" for note in report.notes),
        *(
            f"note: {n} trial{'' if n == 1 else 's'} could not run: {why}"
            for why, n in report.failures.items()
        ),
    ]


def points_grid(report: LayerReport) -> Grid:
    """Return the widest point, the chosen one and the Pareto set, the least energy first."""
    rows = [("widest", report.widest), ("chosen", report.chosen)]
    rows += [("Pareto", p) for p in report.pareto if p.trial != report.chosen.trial]
    return Grid(POINTS, [tuple(_row(what, point)) for what, point in rows])


def _row(what: str, point: LayerPoint) -> Iterator[str]:
    yield what
    yield str(point.trial)
    yield format_si(point.energy_j, "J")
    yield format_si(point.latency_s, "s")
    yield format_si(point.weight_bytes, "B")
    yield from (fidelity_text(point, name) for name in ("sqnr_db", "cosine", "accuracy", "same"))
    maps = "" if point.maps == "8" else f", maps {point.maps}"
    yield f"{layers_text(list(point.weights.values()))}{maps}"


def fidelity_title(report: LayerReport) -> str:
    """Return what tables call that which stands for fidelity."""
    return COLUMNS.get(report.fidelity, report.fidelity)


def fidelity_text(point: LayerPoint, name: str) -> str:
    """Return a fidelity of a point with its unit; a dash where it cannot be told."""
    value: float | None = getattr(point, name)
    if value is None:
        return NONE
    return {"sqnr_db": f"{value:.1f} dB", "cosine": f"{value:.5f}"}.get(name, f"{value:.2%}")


def layers_text(choices: Sequence[str]) -> str:
    """Return the choices of all layers; of many, how many layers have each."""
    if len(choices) <= MOST_LAYERS:
        return "/".join(choices)
    return ", ".join(f"{count} in {choice}" for choice, count in sorted(Counter(choices).items()))


def sensitivity_grid(report: LayerReport) -> Grid:
    """Return signal to error at the outputs with one layer alone changed, the worst first."""
    options = list(dict.fromkeys(o for mine in report.sensitivity_db.values() for o in mine))
    ordered = sorted(report.sensitivity_db.items(), key=lambda pair: min(pair[1].values()))
    rows = [
        (name, *(f"{mine[o]:.1f} dB" if o in mine else NONE for o in options))
        for name, mine in ordered
    ]
    left = len(rows) - MOST_ROWS
    lines = [f"the worst {MOST_ROWS} layers; {left} more are in the JSON"] if left > 0 else []
    return Grid(("<layer alone", *options), rows[:MOST_ROWS], lines)
