"""The figure of a network's memory over sizes of the buffer: by operand, and by policy."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from dfsrt.report.canvas import check_figure_path, entitle, new_figure, plain, save_figure
from dfsrt.report.look import BLACK, COLOURS, mark
from dfsrt.report.memory.compare_table import comparison_lines, points_of
from dfsrt.report.memory.curves import beside, curves_of, stretched
from dfsrt.report.memory.names import NAMES, SHADES
from dfsrt.report.memory.parts import OPERANDS
from dfsrt.report.memory.policies import LAYERWISE
from dfsrt.report.memory.schema import MemoryComparisonReport, MemoryPoint
from dfsrt.report.memory.words import size_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SHADES_OF_LINES = (*COLOURS[:6], COLOURS[7])
"""Black is the least's."""
MOST_MARKS = 8
"""Sizes that are written under an axis."""


def write_comparison(report: MemoryComparisonReport, path: Path) -> None:
    """Draw bytes over the buffer's size and write them to ``path``.

    Raises:
        InputError: neither ``.svg`` nor ``.png``.
        OutputError: ``path`` cannot be written.
    """
    check_figure_path(path)
    save_figure(draw(report), path)


def draw(report: MemoryComparisonReport) -> Figure:
    """Return a matplotlib figure: the chosen policy by operand, and all policies as lines."""
    figure = new_figure(13, 5.0)
    operands, every = figure.subplots(1, 2, sharey=True)
    _draw_operands(operands, report)
    _draw_policies(every, report)
    entitle(figure, *comparison_lines(report)[:2])
    for axes in (operands, every):
        axes.set_ylabel("crosses to DRAM and back (MB)")
    beneath = {"loc": "upper center", "bbox_to_anchor": (0.5, -0.12), "ncols": len(NAMES) + 1}
    operands.legend(frameon=False, fontsize=8, **beneath)
    every.legend(frameon=False, fontsize=8, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    for axes in (operands, every):
        _frame(axes, report)
    return figure


def _draw_operands(axes: Axes, report: MemoryComparisonReport) -> None:
    chosen = report.mapper, report.schedule
    sizes, points = stretched([p for p in points_of(report, chosen) if p.bytes is not None])
    parts = [[getattr(p.bytes, name) * 1e-6 for p in points] for name in OPERANDS]
    shown = [(n, each) for n, each in zip(OPERANDS, parts, strict=True) if any(each)]
    axes.stackplot(
        sizes,
        [each for _, each in shown],
        labels=[NAMES[name] for name, _ in shown],
        colors=[SHADES[name] for name, _ in shown],
        lw=0,
    )
    bounds = [p.bound_bytes * 1e-6 for p in points]
    axes.plot(sizes, bounds, color=BLACK, lw=1.6, label="the least")
    axes.set_title(
        " ".join(("mapper", chosen[0] + ",", "schedule", chosen[1])), loc="left", fontsize=10
    )


def _draw_policies(axes: Axes, report: MemoryComparisonReport) -> None:
    curves = curves_of(report)
    for number, curve in enumerate(curves):
        axes.plot(
            beside(curve.sizes, number, len(curves)),
            [moved * 1e-6 for moved in curve.moved],
            color=SHADES_OF_LINES[number % len(SHADES_OF_LINES)],
            ls="-" if curve.alone else "--",
            marker=mark(number)[0],
            markersize=5,
            lw=1.3,
            label=curve.name,
        )
    own = points_of(report, (report.mapper, LAYERWISE))
    axes.plot(*_bound(own), color=BLACK, lw=1.6, label="the least, layer by layer")
    axes.axhline(report.floor_bytes * 1e-6, color=BLACK, ls=":", label="the least of any")
    axes.set_title(
        "every policy: mappers layer by layer, schedules dashed;\nmarks beside their size",
        loc="left",
        fontsize=10,
    )


def _bound(points: list[MemoryPoint]) -> tuple[list[float], list[float]]:
    sizes, some = stretched([p for p in points if p.bytes is not None])
    return sizes, [p.bound_bytes * 1e-6 for p in some]


def _frame(axes: Axes, report: MemoryComparisonReport) -> None:
    sizes = np.unique([p.buffer_bytes for p in report.points])
    marks = sizes[:: -(-len(sizes) // MOST_MARKS)]
    axes.set_xscale("log", base=2)
    axes.set_xticks(marks, [size_text(int(size)) for size in marks])
    axes.minorticks_off()
    axes.set_xlabel("size of the buffer (bytes)")
    axes.set_ylim(bottom=0)
    plain(axes)
