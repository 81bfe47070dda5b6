"""A budget as tables: its answers, components to cut, and what assumed numbers leave."""

from __future__ import annotations

import math

from dfsrt.base.units import format_si
from dfsrt.report.battery_table import hours, with_unit
from dfsrt.report.tables import Grid
from dfsrt.study.budget.schema import (
    BudgetReport,
    CapAnswer,
    CapRange,
    ComponentCut,
    NumberCaps,
    TargetBudget,
    TargetCut,
)
from dfsrt.study.budget.target import written

RANKED = {"fps": "frames a second", "life": "life", "skin": "skin"}


def budget_grids(report: BudgetReport) -> list[Grid]:
    """Return the tables of a budget."""
    return [
        _targets(report),
        _cuts(report),
        *(_alone(t, t.range) for t in report.targets if t.range is not None and t.range.alone),
        Grid((), (), _foot(report)),
    ]


def head_lines(report: BudgetReport) -> list[str]:
    """Return the scenario as it is, and the answer for each target."""
    now = report.present
    cap = "no cap" if now.cap_w is None else f"cap {format_si(now.cap_w, 'W')}"
    return [
        f"{report.scenario} on {report.device}, governor {report.governor}, {cap} on "
        f"{report.cap_domain}: {hours(now.life_s)}, {written('fps', now.fps)}, skin "
        f"{now.skin_max_c:.1f} C, NPU with its memory traffic {format_si(now.npu_w, 'W')}",
        *(target.says for target in report.targets),
        *_together(report),
    ]


def _together(report: BudgetReport) -> list[str]:
    if len(report.targets) == 1:
        return []
    if not report.together:
        return ["all together: at no cap"]
    low, high = (
        None if watts is None else format_si(watts, "W")
        for watts in (report.least_w, report.most_w)
    )
    span = f"from {low} to {high}" if low and high else f"from {low} on" if low else ""
    return [f"all together: {span or (f'up to {high}' if high else 'at every cap')}"]


def _targets(report: BudgetReport) -> Grid:
    ranged = any(t.range is not None for t in report.targets)
    heads = ("<target", "at present", "cap", *(("worst", "best") if ranged else ()))
    return Grid(heads, [_target(t) for t in report.targets], head_lines(report))


def _target(t: TargetBudget) -> tuple[str, ...]:
    cells = (t.target, written(t.kind, t.at_present), bound(t, t.cap))
    if t.range is None:
        return cells
    worst, best = (t.range.worst, t.range.at_worst), (t.range.best, t.range.at_best)
    return (*cells, _ends(t, *worst), _ends(t, *best))


def bound(target: TargetBudget, cap: CapAnswer) -> str:
    """A cap as a bound: at least for speed, at most for all else."""
    if cap.verdict == "never":
        return "no cap does"
    if cap.cap_w is None:
        return "any cap" if target.kind == "fps" else "no cap needed"
    sign = ">=" if target.kind == "fps" else "<="
    return f"{sign} {format_si(cap.cap_w, 'W')}"


def _ends(target: TargetBudget, cap: CapAnswer, figure: float | None) -> str:
    """A cap at an end of what is assumed, and the figure there under the cap that is the answer."""
    at_cap = "cannot run" if figure is None else written(target.kind, figure)
    return f"{bound(target, cap)} ({at_cap})"


def _cuts(report: BudgetReport) -> Grid:
    heads = ["<component", "mean", *(f"for {t.target}" for t in report.targets)]
    rows = [_cut(cut, report.present.fps) for cut in report.cuts]
    line = f"components, by what 10 % less of each brings for {RANKED[report.ranked_by]}:"
    return Grid((*heads, "10 % less: life", "skin", "FPS"), rows, [line])


def _cut(cut: ComponentCut, now_fps: float) -> tuple[str, ...]:
    needed = (_needed(target, cut) for target in cut.targets)
    return (
        cut.name,
        format_si(cut.power_mean_w, "W"),
        *needed,
        f"{cut.life_gain_s / 60:+z.1f} min",
        f"{-cut.skin_gain_c:+z.2f} C",
        f"{cut.fps_gain:+z.{_decimals(now_fps)}f}",
    )


def _decimals(value: float) -> int:
    """How many places after the point show a thousandth of ``value``."""
    return max(0, 3 - math.floor(math.log10(value))) if value > 0 else 0


def _needed(target: TargetCut, cut: ComponentCut) -> str:
    if target.verdict == "met":
        return "met"
    if target.fall_w is None:
        return "not by it alone"
    return f"-{format_si(target.fall_w, 'W')} ({target.fall_w / cut.power_mean_w:.0%})"


def _alone(target: TargetBudget, spread: CapRange) -> Grid:
    line = (
        f"{target.target}: cap at both ends of what is assumed, {len(spread.alone)} of "
        f"{spread.moved} numbers that matter, of {spread.numbers}:"
    )
    rows = [_number(target, one) for one in spread.alone]
    return Grid(("<assumed", "low", "high", "cap at low", "cap at high"), rows, [line])


def _number(target: TargetBudget, one: NumberCaps) -> tuple[str, ...]:
    n = one.number
    return (
        n.name,
        with_unit(n.low, n.unit),
        with_unit(n.high, n.unit),
        _ends(target, one.at_low, one.figure_low),
        _ends(target, one.at_high, one.figure_high),
    )


def _foot(report: BudgetReport) -> list[str]:
    spreads = [t.range for t in report.targets if t.range is not None]
    ends = [
        f"worst and best, to {spread.tolerance:.0%}: all assumed numbers that matter at the ends "
        "that hinder and help; in brackets what comes of it under the cap that is the answer"
        for spread in spreads[:1]
    ]
    return [
        *ends,
        f"{report.runs} runs; caps to {report.tolerance:.0%}",
        *(f"note: {note}" for note in report.notes),
    ]
