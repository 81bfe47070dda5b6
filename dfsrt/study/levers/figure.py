"""The waterfall of levers: joules of a frame from the baseline down, a bar a lever."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from dfsrt.base.units import format_si
from dfsrt.report.figure import COLOURS, check_figure_path, new_figure, save_figure
from dfsrt.study.levers.schema import LeversReport, Rung
from dfsrt.study.levers.table import change_text
from dfsrt.study.levers.words import joules_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BLUE, VERMILION, GREEN = COLOURS[:3]


def write_waterfall(report: LeversReport, path: Path) -> None:
    """Draw the waterfall and write it to ``path``.

    Raises:
        InputError: neither ``.svg`` nor ``.png``.
        OutputError: ``path`` cannot be written.
    """
    check_figure_path(path)
    save_figure(draw(report), path)


def draw(report: LeversReport) -> Figure:
    """Return a matplotlib figure: joules of a frame on a logarithmic axis, a row a lever.

    Each row says the joules that are left, what the lever changed, and frames a second.
    """
    from matplotlib.patches import Patch

    rungs = [rung for rung in report.rungs if joules_of(rung)[0]]
    figure = new_figure(10, 1.6 + 0.36 * (len(rungs) + 1))
    axes = figure.subplots()
    _bars(axes, rungs)
    axes.set_yticks(range(len(rungs) + 1), [*(r.lever for r in rungs), "all on"])
    axes.invert_yaxis()
    axes.set_xscale("log")
    what = "out of the battery" if report.joules == "battery" else "of all domains"
    axes.set_xlabel(f"energy of a shown frame, {what} (J, logarithmic)")
    around = f", {report.scenario}" if report.scenario else ""
    title = f"Which lever pays: {report.load.split(':')[0]} on {report.device}{around}"
    each = f"{report.cap}; levers in order, each on top of those above"
    axes.set_title(f"{title}\n{each}", loc="left")
    axes.grid(axis="x", alpha=0.3)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    colours = {"joules left": BLUE, "saved": GREEN, "added": VERMILION}
    figure.legend(
        handles=[Patch(color=c, label=n) for n, c in colours.items()],
        loc="outside lower center", ncols=3, frameon=False,
    )  # fmt: skip
    return figure


def _bars(axes: Axes, rungs: list[Rung]) -> None:
    """Whole bars at both ends; between them from what was before to what is after."""
    left = [joules_of(rung)[0] or 0.0 for rung in rungs]
    most, floor = max(left), min(left) / 2
    rows = [(left[0], floor, BLUE), *(
        (max(a, b), min(a, b), GREEN if b <= a else VERMILION)
        for a, b in pairwise(left)
    ), (left[-1], floor, BLUE)]  # fmt: skip
    for row, (high, low, colour) in enumerate(rows):
        axes.barh(row, high - low, left=low, color=colour, height=0.7)
        rung = rungs[min(row, len(rungs) - 1)]
        text = f"{format_si(joules_of(rung)[0] or 0.0, 'J')}"
        change = change_text(rung.energy_change)
        changed = f", {'no change' if change == '=' else change}" if 0 < row < len(rungs) else ""
        axes.text(high * 1.05, row, f"{text}{changed}; {rung.fps:.3g} FPS", va="center", fontsize=8)
    axes.set_xlim(floor, most * (most / floor) ** 0.35)
