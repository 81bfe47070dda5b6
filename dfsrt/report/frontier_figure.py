"""The figure of a frontier: energy over time, and where each governor lies."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dfsrt.report.figure import COLOURS, check_figure_path, new_figure, save_figure
from dfsrt.report.frontier_table import FrontierGovernor, FrontierReport, memory_mhz
from dfsrt.report.period_figure import draw_by_clock, draw_over_time

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MARKERS = "osD^vPX*<>ph"


def write_frontier(report: FrontierReport, path: Path) -> None:
    """Draw the frontier and write it to ``path``.

    Raises:
        InputError: neither ``.svg`` nor ``.png``.
        OutputError: ``path`` cannot be written.
    """
    check_figure_path(path)
    save_figure(draw(report), path)


def draw(report: FrontierReport) -> Figure:
    """Return a matplotlib figure; governors that break the cap in prediction are hollow.

    With a period its energy is drawn below, idle time counted.
    """
    period = report.period
    figure = new_figure(11, 4.8 if period is None else 9.6)
    rows = figure.subplots(1 if period is None else 2, 2, squeeze=False)
    near, whole = rows[0]
    if period is not None:
        draw_by_clock(rows[1][0], period)
        draw_over_time(rows[1][1], period)
    for axes in (near, whole):
        _draw_all(axes, report)
    cap = "no cap" if report.cap_w is None else f"cap {report.cap_w:g} W"
    figure.suptitle(f"{report.network} on {report.device}, {cap}, as predicted")
    near.set_title("near the frontier", loc="left")
    near.set_ylabel("energy of a frame (mJ)")
    near.set_xlim(*_around([p.time_s * 1e3 for p in report.points]))
    near.set_ylim(*_around([p.energy_j * 1e3 for p in report.points]))
    whole.set_title("all governors", loc="left")
    whole.legend(frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return figure


def _around(values: list[float]) -> tuple[float, float]:
    """The values' range, and some more for what lies close by."""
    low, high = min(values), max(values)
    margin = 0.35 * (high - low) or 0.05 * high
    return low - margin / 3, high + margin


def _draw_all(axes: Axes, report: FrontierReport) -> None:
    time_ms = [p.time_s * 1e3 for p in report.points]
    energy_mj = [p.energy_j * 1e3 for p in report.points]
    axes.plot(
        time_ms, energy_mj, label="frontier", color="black", marker=".", markersize=4, linewidth=1.2
    )
    _draw_memory(axes, report)
    for index, governor in enumerate(report.governors):
        _draw_governor(axes, governor, index)
    axes.set_xlabel("time of a frame (ms)")
    axes.grid(alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)


def _draw_memory(axes: Axes, report: FrontierReport) -> None:
    """Colour the frontier's points by the memory's clocks, where a device has several."""
    clocks = sorted({tuple(sorted(set(p.memory_hz))) for p in report.points})
    for index, used in enumerate(clocks if len(clocks) > 1 else ()):
        some = [p for p in report.points if tuple(sorted(set(p.memory_hz))) == used]
        axes.plot(
            [p.time_s * 1e3 for p in some],
            [p.energy_j * 1e3 for p in some],
            "o",
            color=COLOURS[-1 - index % len(COLOURS)],
            markersize=4,
            zorder=3,
            label=f"memory {memory_mhz(list(used))} MHz",
        )


def _draw_governor(axes: Axes, governor: FrontierGovernor, index: int) -> None:
    colour = COLOURS[index % len(COLOURS)]
    over = governor.regret.layers_over > 0
    axes.plot(
        governor.time_s * 1e3,
        governor.energy_j * 1e3,
        MARKERS[index % len(MARKERS)],
        color=colour,
        markerfacecolor="none" if over else colour,
        markersize=8,
        label=f"{governor.governor}{' (over the cap)' if over else ''}",
    )
