"""Tables of a sweep: all points where they are few, and the best by each metric."""

from __future__ import annotations

from collections.abc import Sequence

from dfsrt.base.units import format_short, format_si
from dfsrt.report.battery_table import lasted
from dfsrt.report.tables import Grid
from dfsrt.study.sweep.metrics import BEST, METRICS, Cell, flat
from dfsrt.study.sweep.outputs import failed_notes
from dfsrt.study.sweep.schema import SweepPoint, SweepReport
from dfsrt.study.sweep.words import size_text

FEW = 24
"""Points that are all shown; of more the best are."""

HEADS = {
    "fps": "FPS",
    "energy_per_frame_total_j": "J/frame",
    "energy_per_frame_battery_j": "of the battery",
    "fps_per_w": "FPS/W",
    "power_max_w": "max W",
    "over_cap": "over cap",
    "life_s": "lasts",
}
"""Metrics that tables show where any point has them, by what stands over them."""


def sweep_grids(report: SweepReport) -> list[Grid]:
    """Return how many points there are, all of them where they are few, and the best."""
    counts = report.counts
    alike = f", {counts.alike} drawn twice and run once" if counts.alike else ""
    lines = [
        f"{report.study}: {size_text(report)}",
        f"points: {counts.complete:,} complete, {counts.failed:,} failed{alike}",
        *(f"note: {text}" for text in failed_notes(report)),
    ]
    shown = _shown(report.points)
    heads = ["point", *(HEADS[name] for name in shown), *(f"<{name}" for name in report.vary)]
    every = [_row(point, shown) for point in report.points] if len(report.points) <= FEW else []
    best = [
        [METRICS[name].label, *_row(report.points[report.best[name]], shown)]
        for name in BEST if name in report.best
    ]  # fmt: skip
    if not every:
        return [Grid(["<best", *heads], best, lines)]
    return [Grid(heads, every, lines), Grid(["<best", *heads], best)]


def _shown(points: Sequence[SweepPoint]) -> list[str]:
    known = [flat(point.brief) for point in points]
    return [name for name in HEADS if any(values[name] is not None for values in known)]


def _row(point: SweepPoint, shown: Sequence[str]) -> list[str]:
    values = flat(point.brief)
    numbers = [_number(name, values[name]) for name in shown]
    brief = point.brief
    if brief is not None and brief.life_s is not None:
        numbers[shown.index("life_s")] = lasted(brief.life_s, brief.end_cause)
    return [str(point.number), *numbers, *point.varied.values()]


def _number(name: str, value: Cell) -> str:
    if not isinstance(value, int | float):
        return "-"
    if name == "over_cap":
        return f"{value:.0%}"
    unit = METRICS[name].unit
    return format_si(value, unit) if unit in ("J", "W") else format_short(value)
