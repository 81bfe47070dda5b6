"""The figure of a period: energy by clock, idle time counted, and of plans over their time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dfsrt.base.units import format_si
from dfsrt.report.canvas import legend_beside, plain
from dfsrt.report.look import BLACK, BLUE, GREY, RED
from dfsrt.report.period_table import PeriodPoint, PeriodReport

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def draw_by_clock(axes: Axes, report: PeriodReport) -> None:
    """Draw work and idle time of each clock that fits, one upon the other; the best is marked.

    Clocks of the memory stand beside each other, from slow to fast, at the core's.
    """
    clocks = [p for p in report.points if p.freq_hz is not None and p.energy_j is not None]
    freqs, memories = sorted({p.freq_hz or 0 for p in clocks}), _memories(clocks)
    width = 0.84 / max(len(memories), 1)
    at = [
        freqs.index(p.freq_hz or 0)
        + (memories.index(p.memory_hz or 0) - (len(memories) - 1) / 2) * width
        for p in clocks
    ]
    idle = [(p.idle_j or 0.0) * 1e3 for p in clocks]
    work = [(p.energy_j or 0.0) * 1e3 - j for p, j in zip(clocks, idle, strict=True)]
    over = ["//" if p.layers_over else "" for p in clocks]
    axes.bar(at, work, width, color=BLUE, label="work", hatch=over, edgecolor="white", lw=0.5)
    axes.bar(at, idle, width, bottom=work, color=GREY, label="idle", edgecolor="white", lw=0.5)
    for x, a, b, point in zip(at, work, idle, clocks, strict=True):
        is_best = report.best_clock is not None and point is report.points[report.best_clock]
        text = f" {a + b:.2f}{', best' if is_best else ''}"
        axes.text(x, a + b, text, ha="center", va="bottom", rotation=90, fontsize=6.5,
                  fontweight="bold" if is_best else "normal")  # fmt: skip
    axes.margins(y=0.22)
    axes.set_xticks(range(len(freqs)), [f"{hz / 1e6:g}" for hz in freqs])
    beside = f";\nmemory at {_mhz(memories)} MHz, side by side" if len(memories) > 1 else ""
    axes.set_xlabel(f"clock of all layers (MHz); hatched: over the cap{beside}")
    axes.set_ylabel(f"true energy of a period (mJ), domain {report.domain}")
    axes.set_title(f"{report.clock_says or report.says}", loc="left", fontsize="medium")
    plain(axes, "y")
    axes.legend(frameon=False, loc="upper left", ncols=2)


def _memories(points: list[PeriodPoint]) -> list[int]:
    """The memory's clocks among points, from slow to fast; one where there is but one."""
    return sorted({p.memory_hz or 0 for p in points})


def _mhz(clocks_hz: list[int]) -> str:
    return ", ".join(f"{hz / 1e6:g}" for hz in clocks_hz)


def draw_over_time(axes: Axes, report: PeriodReport) -> None:
    """Draw every point that fits over the time of its work, and the best."""
    for is_clock, name in ((True, "one clock"), (False, "a clock for each layer")):
        some = [p for p in report.points if (p.freq_hz is not None) == is_clock and p.fits]
        marker = "s" if is_clock else "."
        colour = BLUE if is_clock else BLACK
        axes.plot(*_places(some), marker, color=colour, label=name, linestyle="none")
    best = _places([report.points[report.best]])
    axes.plot(*best, "o", markersize=12, markerfacecolor="none", color=RED, label="best")
    period = format_si(report.period_s, "s")
    rail = "" if report.idle_rail == "hold" else f", rail {report.idle_rail}"
    axes.set_xlabel("work of a frame (ms)")
    axes.set_ylabel(f"true energy of a period (mJ), domain {report.domain}")
    axes.set_title(f"true, every {period}, idle {report.idle}{rail}", loc="left", fontsize="medium")
    plain(axes)
    legend_beside(axes)


def _places(points: list[PeriodPoint]) -> tuple[list[float], list[float]]:
    return [p.time_s * 1e3 for p in points], [(p.energy_j or 0.0) * 1e3 for p in points]
