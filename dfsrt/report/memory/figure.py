"""The figure of a network's memory: bytes over layers, and the lives of maps beneath."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from dfsrt.cost.schedule.schedule import ROWS
from dfsrt.report.canvas import check_figure_path, legend_beside, new_figure, plain, save_figure
from dfsrt.report.look import BLACK
from dfsrt.report.memory.lanes import buffer_line, buffer_name, lanes_of, place_name
from dfsrt.report.memory.names import NAMES, SHADES
from dfsrt.report.memory.parts import OPERANDS
from dfsrt.report.memory.schema import MemoryReport
from dfsrt.report.memory.words import head_lines

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ROOM = 1.05
"""How far an axis goes on above the highest layer, whose upper line is seen whole."""


def write_memory(report: MemoryReport, path: Path) -> None:
    """Draw a network's memory and write it to ``path``.

    Raises:
        InputError: neither ``.svg`` nor ``.png``.
        OutputError: ``path`` cannot be written.
    """
    check_figure_path(path)
    save_figure(draw(report), path)


def draw(report: MemoryReport) -> Figure:
    """Return a matplotlib figure: bytes of each layer by operand, and which maps stay."""
    from matplotlib.ticker import MaxNLocator

    figure = new_figure(11, 6.8)
    moved, lives = figure.subplots(2, 1, sharex=True)
    _draw_bytes(moved, report)
    _draw_lives(lives, report)
    moved.set_title("\n".join(head_lines(report)[:2]), loc="left", fontsize=10)
    lives.set_xlabel("layer")
    lives.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
    for axes in (moved, lives):
        plain(axes, "y")
        legend_beside(axes)
        axes.set_ylim(0, ROOM * axes.dataLim.ymax)
    return figure


def _draw_bytes(axes: Axes, report: MemoryReport) -> None:
    places = np.arange(len(report.layers))
    below = np.zeros(len(report.layers))
    for name in OPERANDS:
        each = np.array([getattr(a.bytes, name) for a in report.layers]) * 1e-6
        if each.any():
            axes.bar(places, each, 0.9, below, color=SHADES[name], label=NAMES[name], lw=0)
            below += each
    bound = [a.bound_bytes * 1e-6 for a in report.layers]
    axes.stairs(bound, np.arange(len(bound) + 1) - 0.5, color=BLACK, lw=1.0, label="the least")
    axes.set_ylabel("crosses to DRAM and back (MB)")


def _draw_lives(axes: Axes, report: MemoryReport) -> None:
    named: set[str] = set()
    for lane in lanes_of(report.maps, len(report.layers)):
        place = lane.map.place
        axes.stairs(
            np.array(lane.high) * 1e-6,
            lane.edges,
            baseline=np.array(lane.low) * 1e-6,
            fill=True,
            facecolor=lane.colour,
            edgecolor="white",
            lw=0.5,
            hatch="//" if place == ROWS else None,
            label=None if place in named else place_name(place),
        )
        named.add(place)
    room, name = buffer_line(report) * 1e-6, buffer_name(report)
    axes.axhline(room, color=BLACK, ls="--", lw=1.0, label=name)
    axes.set_ylabel("maps alive (MB)")
    axes.set_xlim(-0.5, len(report.layers) - 0.5)
