"""Tables of a tuned study: its trials, baseline, best point and Pareto set."""

from __future__ import annotations

from collections.abc import Sequence

from dfsrt.report.tables import Grid
from dfsrt.study.schema import TunedPoint, TuneReport

ALWAYS = ("energy_j", "latency_s", "cap_excess")
"""Metrics that the table shows whatever the study is about."""
MAX_ROWS = 20


def tune_grids(report: TuneReport) -> list[Grid]:
    """Return the baseline, the best point and the Pareto set, as far as a table goes."""
    others = [p for p in report.pareto if p.trial != report.best.trial]
    rows = [("baseline", report.baseline), ("best", report.best)]
    rows += [("pareto", point) for point in others[:MAX_ROWS]]
    metrics = list(dict.fromkeys([*report.objectives, *report.limits, *ALWAYS]))
    heads = ("<", "trial", *metrics, "<governor")
    points = Grid(heads, [_row(what, point, metrics) for what, point in rows], _lines(report))
    if len(others) <= MAX_ROWS:
        return [points]
    more = f"{len(others) - MAX_ROWS} more of the Pareto set are in result.json"
    return [points, Grid([], [], [more])]


def _lines(report: TuneReport) -> list[str]:
    """What was searched, over what, and how the trials ended."""
    counts = report.trials
    caps = ", ".join("the device's own" if cap is None else str(cap) for cap in report.caps)
    limits = "".join(f", {name} limited to {limit:g}" for name, limit in report.limits.items())
    nearest = "note: no trial keeps the limits; the best is the one nearest to them"
    return [
        f"{report.study}: {', '.join(report.objectives)}{limits}",
        f"over {', '.join(report.networks)}; caps {caps}; seeds "
        f"{', '.join(map(str, report.seeds))}",
        f"trials: {counts.complete} complete ({counts.feasible} keep the limits), "
        f"{counts.pruned} pruned, {counts.failed} failed",
        *(f"note: {n} trials could not run: {why}" for why, n in report.failures.items()),
        *[nearest] * (not report.best.feasible),
    ]


def _row(what: str, point: TunedPoint, metrics: Sequence[str]) -> tuple[str, ...]:
    trial = "" if point.trial < 0 else str(point.trial)
    idle = "" if point.idle is None else f", idle {point.idle}"
    values = (f"{point.metrics[name]:.4f}" for name in metrics)
    bound = "" if point.confidence is None else f" at {point.confidence}"
    memory = "" if point.memory is None else f", memory {point.memory}"
    return (what, trial, *values, f"{point.governor} on {point.device}{bound}{idle}{memory}")
