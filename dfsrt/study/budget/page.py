"""The page of a budget: each target over the cap, what a cut of each component brings, tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from dfsrt.report.look import BLUE, LIMIT, RED
from dfsrt.report.page import Figure, Page, Section, Table, Tile
from dfsrt.report.page.bars import bars
from dfsrt.report.page.grids import table_of
from dfsrt.report.page.style import axis, line, marks, si_axis
from dfsrt.report.page.time_unit import time_unit
from dfsrt.study.budget.schema import BudgetReport, ComponentCut, LifeFigures, TargetBudget
from dfsrt.study.budget.table import bound, budget_grids, head_lines
from dfsrt.study.budget.target import written

GAINS: dict[str, tuple[str, Callable[[ComponentCut], float]]] = {
    "life": ("life that 10 % less of it brings (min)", lambda cut: cut.life_gain_s / 60),
    "skin": ("fall of the skin that 10 % less of it brings (°C)", lambda cut: cut.skin_gain_c),
    "fps": ("speed that 10 % less of it brings (FPS)", lambda cut: cut.fps_gain),
}
"""By target: what an axis of gains says, and what a cut gains on it."""


def budget_page(report: BudgetReport) -> Page:
    """Return the page of ``report``."""
    targets, cuts, *more = budget_grids(report)
    said = [(line,) for grid in more if not grid.rows for line in grid.lines]
    tables = [table_of(grid, " ".join(grid.lines)) for grid in more if grid.rows]
    return Page(
        title=f"Budget of {report.scenario} on {report.device}",
        subject=head_lines(report)[0],
        what="; ".join(head_lines(report)),
        tiles=[_tile(target) for target in report.targets],
        sections=[
            Section("Targets", "", list(_curves(report)), [table_of(targets, "Targets")]),
            Section("What to cut first", "", [_cuts(report)], [table_of(cuts, "Components")]),
            Section("Behind the numbers", "",
                    tables=[*tables, Table(("<said",), said, "Runs and notes")]),
        ],
    )  # fmt: skip


def _tile(target: TargetBudget) -> Tile:
    now = f"at present {written(target.kind, target.at_present)}"
    return Tile(target.target, bound(target, target.cap), now)


def _curves(report: BudgetReport) -> Iterator[Figure]:
    """Each target's figure over the cap, of all lives that were tried, and where it is to be."""
    tried = [life for life in report.curve if life.cap_w is not None]
    for target in report.targets if tried else ():
        values, sign = _drawn(target, tried)
        caps = [life.cap_w or 0.0 for life in tried]
        *along, wanted = values
        data = [
            line("lives", caps, along, BLUE, mode="lines+markers"),
            line("target", [min(caps), max(caps)], [wanted] * 2, "@text", line={"dash": LIMIT}),
        ]
        if target.cap.cap_w is not None:
            ring = {"color": RED, "size": 14, "symbol": "circle-open", "line": {"width": 2}}
            data.append(marks("the cap", [target.cap.cap_w], [wanted], ring))
        yield Figure(
            name=f"budget-{target.kind}",
            title=f"{NAMES[target.kind]} over the cap",
            says=target.says,
            data=data,
            layout={
                "xaxis": si_axis(f"cap on {report.cap_domain}", "W", rangemode="tozero"),
                "yaxis": axis(f"{NAMES[target.kind].lower()} ({sign})"),
            },
        )


NAMES = {"fps": "Speed", "life": "Battery life", "skin": "Hottest skin"}
"""What is reached, by a target's kind."""


def _drawn(target: TargetBudget, tried: Sequence[LifeFigures]) -> tuple[list[float], str]:
    """A figure of each life and then the target's value, in the unit that is returned."""
    if target.kind == "fps":
        return [*(life.fps for life in tried), target.value], "FPS"
    if target.kind == "skin":
        return [*(life.skin_max_c for life in tried), target.value], "°C"
    times_s = [*(life.life_s for life in tried), target.value]
    unit = time_unit(times_s)
    return [time_s * unit.scale for time_s in times_s], unit.sign


def _cuts(report: BudgetReport) -> Figure:
    """What 10 % less of each component brings for what they are ranked by."""
    label, gain = GAINS[report.ranked_by]
    gains = {cut.name: gain(cut) for cut in report.cuts}
    first = next(iter(gains), "none")
    says = f"{first} brings most; at present: {written('life', report.present.life_s)}"
    return bars("budget-cuts", "What a cut of each component brings", says, axis(label), gains)
