"""The waterfall of levers: joules of a frame from the baseline down, a bar a lever."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from dfsrt.report.canvas import check_figure_path, new_figure, plain, save_figure
from dfsrt.report.look import COLOURS
from dfsrt.study.levers.bars import KINDS, Bar, bars_of
from dfsrt.study.levers.schema import LeversReport

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BLUE, VERMILION, GREEN = COLOURS[:3]
SHADES = dict(zip(KINDS, (BLUE, GREEN, VERMILION), strict=True))
ROOM = 0.31
"""Share of the axis' length beside the longest bar, for its text."""


def write_waterfall(report: LeversReport, path: Path) -> None:
    """Draw the waterfall and write it to ``path``.

    Raises:
        InputError: neither ``.svg`` nor ``.png``.
        OutputError: ``path`` cannot be written.
    """
    check_figure_path(path)
    save_figure(draw(report), path)


def draw(report: LeversReport) -> Figure:
    """Return a matplotlib figure: joules of a frame, a row a lever, with what each row says.

    The axis is logarithmic where the most is more than ten times the least.
    """
    from matplotlib.patches import Patch
    from matplotlib.ticker import EngFormatter, NullFormatter

    bars = bars_of(report)
    figure = new_figure(8.5, 1.6 + 0.36 * len(bars))
    axes = figure.subplots()
    _bars(axes, bars)
    axes.xaxis.set_major_formatter(EngFormatter("J"))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_xlabel(_label(report, bars))
    axes.set_title(_title(report), loc="left", fontsize=11)
    plain(axes, "x")
    used = {bar.kind for bar in bars}
    figure.legend(
        handles=[Patch(color=SHADES[kind], label=kind) for kind in KINDS if kind in used],
        loc="outside lower center", ncols=3, frameon=False,
    )  # fmt: skip
    return figure


def _title(report: LeversReport) -> str:
    around = f", {report.scenario}" if report.scenario else ""
    title = f"Which lever pays: {report.load} on {report.device}{around}"
    return f"{title}\n{report.cap}; levers in order, each on top of those above"


def _label(report: LeversReport, bars: Sequence[Bar]) -> str:
    what = "out of the battery" if report.joules == "battery" else "of all domains"
    scale = ", logarithmic" if bars and bars[0].low_j else ""
    return f"energy of a shown frame (J), {what}{scale}"


def _bars(axes: Axes, bars: Sequence[Bar]) -> None:
    """Bars from the top down, their texts beside them; one without a length is a thin line."""
    axes.set_yticks(range(len(bars)), [bar.lever for bar in bars])
    axes.invert_yaxis()
    if not bars:
        return
    foot, most = bars[0].low_j, max(bar.high_j for bar in bars)
    axes.set_xscale("log" if foot else "linear")
    for row, bar in enumerate(bars):
        shade, width = SHADES[bar.kind], bar.high_j - bar.low_j
        axes.barh(row, width, left=bar.low_j, color=shade, edgecolor=shade, height=0.7)
        axes.annotate(
            bar.text, (bar.high_j, row), (5, 0), textcoords="offset points", va="center", fontsize=9
        )
    share = 1 / (1 - ROOM)
    axes.set_xlim(foot, foot * (most / foot) ** share if foot else most * share)
