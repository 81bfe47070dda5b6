"""The figure of several devices: clock and power over layers, and where their energy goes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from dfsrt.report.actions_table import SHOWN, parts_mj
from dfsrt.report.compare_table import compare_grids
from dfsrt.report.figure import COLOURS, check_figure_path, draw_layers, new_figure, save_figure
from dfsrt.report.run_names import governor_text, run_names
from dfsrt.report.scales import is_wide
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
    """Return a matplotlib figure; power is logarithmic where one device hides another."""
    from matplotlib.ticker import EngFormatter

    names = run_names(report.runs, report.devices)
    figure = new_figure(10, 7.2 + 0.35 * len(names))
    clock, power, energy = figure.subplots(3, 1, height_ratios=[2, 2, 0.5 + 0.25 * len(names)])
    power.sharex(clock)
    draw_layers(clock, power, list(zip(names, logs, strict=True)))
    if is_wide([float(log.power_w[log.last_frame].max(initial=0.0)) for log in logs]):
        power.set_yscale("log")
        power.autoscale(axis="y")
        power.yaxis.set_major_formatter(EngFormatter("W"))
        power.set_ylabel(f"{power.get_ylabel().removesuffix(' (W)')}, logarithmic")
    clock.set_title(_title(report), loc="left")
    _stack(energy, names, report)
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
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.xaxis.set_major_formatter(EngFormatter("J"))
    axes.set_xlabel("energy of a frame, by what takes it")
    axes.grid(axis="x", alpha=0.3)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.0))
