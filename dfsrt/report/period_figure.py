"""The figure of a period: energy by clock, idle time counted, and of plans over their time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dfsrt.base.units import format_si
from dfsrt.report.figure import COLOURS
from dfsrt.report.period_table import PeriodPoint, PeriodReport

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def draw_by_clock(axes: Axes, report: PeriodReport) -> None:
    """Draw work and idle time of each clock that fits, one upon the other; the best is marked."""
    clocks = [p for p in report.points if p.freq_hz is not None and p.energy_j is not None]
    names = [f"{(p.freq_hz or 0) / 1e6:g}" for p in clocks]
    idle = [(p.idle_j or 0.0) * 1e3 for p in clocks]
    work = [(p.energy_j or 0.0) * 1e3 - j for p, j in zip(clocks, idle, strict=True)]
    over = ["//" if p.layers_over else "" for p in clocks]
    axes.bar(names, work, color=COLOURS[0], label="work", hatch=over, edgecolor="white")
    axes.bar(names, idle, bottom=work, color=COLOURS[4], label="idle")
    if report.best_clock is not None:
        best = clocks.index(report.points[report.best_clock])
        axes.text(best, work[best] + idle[best], "best", ha="center", va="bottom")
    axes.set_xlabel("clock of all layers (MHz); hatched: over the cap")
    axes.set_ylabel(f"true energy of a period (mJ), domain {report.domain}")
    axes.set_title(f"{report.clock_says or report.says}", loc="left", fontsize="medium")
    _plain(axes)
    axes.legend(frameon=False)


def draw_over_time(axes: Axes, report: PeriodReport) -> None:
    """Draw every point that fits over the time of its work, and the best."""
    for is_clock, name in ((True, "one clock"), (False, "a clock for each layer")):
        some = [p for p in report.points if (p.freq_hz is not None) == is_clock and p.fits]
        marker = "s" if is_clock else "."
        colour = COLOURS[0] if is_clock else COLOURS[6]
        axes.plot(*_places(some), marker, color=colour, label=name, linestyle="none")
    best = _places([report.points[report.best]])
    axes.plot(*best, "o", markersize=12, markerfacecolor="none", color=COLOURS[1], label="best")
    period = format_si(report.period_s, "s")
    rail = "" if report.idle_rail == "hold" else f", rail {report.idle_rail}"
    axes.set_xlabel("work of a frame (ms)")
    axes.set_title(f"true, every {period}, idle {report.idle}{rail}", loc="left", fontsize="medium")
    _plain(axes)
    axes.legend(frameon=False)


def _places(points: list[PeriodPoint]) -> tuple[list[float], list[float]]:
    return [p.time_s * 1e3 for p in points], [(p.energy_j or 0.0) * 1e3 for p in points]


def _plain(axes: Axes) -> None:
    axes.grid(alpha=0.3)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
