"""The figure of a frontier: energy over time, and where each governor lies."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from dfsrt.report.canvas import (
    check_figure_path,
    entitle,
    legend_beside,
    new_figure,
    plain,
    save_figure,
)
from dfsrt.report.figure_labels import Label, place_labels
from dfsrt.report.frontier_table import FrontierGovernor, FrontierReport, memory_mhz
from dfsrt.report.look import BLUE, RED, shade
from dfsrt.report.period_figure import draw_by_clock, draw_over_time

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FEW = 4
"""Governors up to which a title names them."""
WIDEST = 26
"""Characters in a line of a label."""
NEAR = 0.012
"""Share of an axis within which governors are at one place, and share a mark."""


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
    entitle(figure, f"{report.network} on {report.device}, {cap}, {_who(report)}, as predicted")
    near.set_title("near the frontier", loc="left")
    near.set_ylabel("energy of a frame (mJ)")
    whole.set_ylabel("energy of a frame (mJ)")
    near.set_xlim(*_around([p.time_s * 1e3 for p in report.points]))
    near.set_ylim(*_around([p.energy_j * 1e3 for p in report.points]))
    whole.set_title("all governors", loc="left")
    whole.margins(0.12)
    legend_beside(whole)
    for axes in (near, whole):
        _draw_governors(axes, report)
    return figure


def _who(report: FrontierReport) -> str:
    """The governors by name where they are few."""
    names = [each.governor for each in report.governors]
    if not 0 < len(names) <= FEW:
        return "all governors"
    return f"governor{'s' if len(names) > 1 else ''} {', '.join(names)}"


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
    for governor in report.governors:  # for the limits; marks stand on top of all lines
        axes.plot(*_place(governor), alpha=0.0)
    axes.plot([], [], "s", color=BLUE, label="governors")
    axes.plot([], [], "s", color=RED, markerfacecolor="none", label="over the cap")
    axes.set_xlabel("time of a frame (ms)")
    plain(axes)


def _draw_memory(axes: Axes, report: FrontierReport) -> None:
    """Colour the frontier's points by the memory's clocks, where a device has several."""
    clocks = sorted({tuple(sorted(set(p.memory_hz))) for p in report.points})
    for index, used in enumerate(clocks if len(clocks) > 1 else ()):
        some = [p for p in report.points if tuple(sorted(set(p.memory_hz))) == used]
        axes.plot(
            [p.time_s * 1e3 for p in some],
            [p.energy_j * 1e3 for p in some],
            "o",
            color=shade(index + 2),
            markersize=4,
            zorder=3,
            label=f"memory {memory_mhz(list(used))} MHz",
        )


def _draw_governors(axes: Axes, report: FrontierReport) -> None:
    """Draw governors into axes whose limits are set: those at one place share mark and label."""
    (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
    labels = []
    for some in _at_one_place(report.governors, (NEAR * (right - left), NEAR * (high - low))):
        (x, y), over = _place(some[0]), some[0].regret.layers_over > 0
        if not (left <= x <= right and low <= y <= high):
            continue
        shade_, fill = (RED, "none") if over else (BLUE, BLUE)
        axes.plot([x], [y], "s", color=shade_, markerfacecolor=fill, markersize=7, zorder=4)
        labels.append(Label(x, y, ", ".join(each.governor for each in some)))
    axes.set(xlim=(left, right), ylim=(low, high))
    line = [(p.time_s * 1e3, p.energy_j * 1e3) for p in report.points]
    place_labels(axes, [replace(label, text=_broken(label.text)) for label in labels], line)


def _broken(names: str) -> str:
    return "\n".join(textwrap.wrap(names, WIDEST, break_on_hyphens=False))


def _at_one_place(
    governors: Sequence[FrontierGovernor], near: tuple[float, float]
) -> list[list[FrontierGovernor]]:
    """Return governors by place: those as near to each other as that, and alike under the cap."""
    places: list[list[FrontierGovernor]] = []
    for governor in governors:
        for some in places:
            alike = (governor.regret.layers_over > 0) == (some[0].regret.layers_over > 0)
            pairs = zip(_place(governor), _place(some[0]), near, strict=True)
            if alike and all(abs(a - b) <= room for a, b, room in pairs):
                some.append(governor)
                break
        else:
            places.append([governor])
    return places


def _place(governor: FrontierGovernor) -> tuple[float, float]:
    return governor.time_s * 1e3, governor.energy_j * 1e3
