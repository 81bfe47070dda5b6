"""The figure of several devices: clock and power over layers, and where their energy goes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from dfsrt.report.actions_table import SHOWN, parts_mj
from dfsrt.report.canvas import (
    amounts,
    bar_values,
    check_figure_path,
    entitle,
    legend_beside,
    new_figure,
    plain,
    save_figure,
)
from dfsrt.report.compare_table import compare_grids
from dfsrt.report.figure import ROW, draw_layers
from dfsrt.report.look import COLOURS
from dfsrt.report.run_names import governor_text, run_names
from dfsrt.report.schema import ComparisonReport
from dfsrt.run.log import RunLog

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def write_devices_figure(report: ComparisonReport, logs: Sequence[RunLog], path: Path) -> None:
    """Draw the runs, whose ``logs`` are in their order, and write the figure to ``path``.

    Raises:
        InputError: neither ``.svg`` nor ``.png``.
        OutputError: ``path`` cannot be written.
    """
    check_figure_path(path)
    save_figure(draw(report, logs), path)


def draw(report: ComparisonReport, logs: Sequence[RunLog]) -> Figure:
    """Return a matplotlib figure: a row of clock and power for each device, and their energy."""
    names = run_names(report.runs, report.devices)
    heights = [0.4 + ROW * len(names), 0.9 + 0.38 * len(names)]
    figure = new_figure(10, 0.5 + sum(heights))
    entitle(figure, _title(report))
    layers, energy = figure.subfigures(2, 1, squeeze=False, height_ratios=heights)[:, 0]
    draw_layers(layers, list(zip(names, logs, strict=True)))
    _stack(energy.subplots(), names, report)
    return figure


def _title(report: ComparisonReport) -> str:
    said = compare_grids(report)[0].lines[0]
    governors = {governor_text(run) for run in report.runs}
    return said if len(governors) > 1 else f"{said}, governor {governors.pop()}"


def _stack(axes: Axes, names: Sequence[str], report: ComparisonReport) -> None:
    """A bar a run, of parts that do not overlap."""
    from matplotlib.ticker import EngFormatter

    joules = 1e-3 * np.array([parts_mj(run) for run in report.runs])
    left = np.zeros(len(names))
    for (place, head), shade in zip(SHOWN.items(), COLOURS, strict=False):
        axes.barh(range(len(names)), joules[:, place], left=left, color=shade, label=head)
        left += joules[:, place]
    bar_values(axes, left, amounts(left, "J"))
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.margins(x=0.12)
    axes.xaxis.set_major_formatter(EngFormatter("J"))
    axes.set_xlabel("energy of a frame (J), by what takes it")
    plain(axes, "x")
    legend_beside(axes)
