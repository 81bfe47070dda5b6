"""The figure of the paper: clock over layers, with power and cap beside or beneath."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from dfsrt.base.arrays import Floats, Reals
from dfsrt.report.canvas import (
    check_figure_path,
    entitle,
    label_ends,
    new_figure,
    plain,
    save_figure,
)
from dfsrt.report.look import BLACK, BLUE, DASHES, LIMIT, PREDICTED, RED, WIDTH, shade
from dfsrt.report.scales import is_wide
from dfsrt.run.log import RunLog

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

Runs = Sequence[tuple[str, RunLog]]
ROW = 1.25
"""Inches of a run among several."""
FULL, FINE = 150, 0.5
"""Layers up to which lines have their full width, and the least points they have over more."""


def write_figure(runs: Runs, path: Path) -> None:
    """Draw the last frame of each named run over the layers and write it to ``path``.

    Raises:
        InputError: neither ``.svg`` nor ``.png``.
        OutputError: ``path`` cannot be written.
    """
    check_figure_path(path)
    save_figure(draw(runs), path)


def draw(runs: Runs) -> Figure:
    """Return a matplotlib figure of the runs' last frames: clock, and power under the cap.

    One run has its clock above its power; of several each has a row of its own, for the clocks of
    two are often the same.
    """
    figure = new_figure(10, 6.2 if len(runs) == 1 else 1.1 + ROW * len(runs))
    entitle(figure, layers_title(runs))
    draw_layers(figure, runs)
    return figure


def layers_title(runs: Runs) -> str:
    """Name network, device, cap and governors; of several caps, that it is the last frame's."""
    log, names = runs[0][1], [name for name, _ in runs]
    last = ", last frame" if len(log.cap.steps) > 1 else ""
    governors = f"governor{'s' if len(names) > 1 else ''} {', '.join(names)}"
    return f"{log.table.network} on {log.table.npu.name}, {_cap_text(log)}, {governors}{last}"


def _cap_text(log: RunLog) -> str:
    limit_w = log.cap.steps[-1].limit_w
    return f"cap {limit_w:g} W on {log.cap.domain}" if np.isfinite(limit_w) else "no cap"


def draw_layers(figure: Figure | SubFigure, runs: Runs) -> None:
    """Draw the runs' last frames: one above, or several in a row each, on the same scales."""
    if len(runs) == 1:
        _draw_one(figure, *runs[0])
    else:
        _draw_rows(figure, runs)


def _draw_one(figure: Figure | SubFigure, name: str, log: RunLog) -> None:
    clock, power = figure.subplots(2, 1, sharex=True)
    rows, cap_w = log.last_frame, _caps(log)
    lines = [(log.power_w[rows], "true", BLUE, "solid"), (log.predicted_w[rows], "predicted", RED,
             PREDICTED), (cap_w, "cap", BLACK, LIMIT)]  # fmt: skip
    shown = [line for line in lines if len(line[0]) and np.isfinite(line[0]).any()]
    _steps(clock, log.freq_hz[rows] * 1e-6, BLUE, name)
    for values, label, colour, style in shown:
        _steps(power, values, colour, label, style)
    _frame(clock, "clock (MHz)")
    _frame(power, f"power of {log.cap.domain} (W)")
    power.set_xlim(-0.5, max(len(rows), 1) - 0.5)
    power.set_xlabel("layer")
    label_ends(power, [(_last(values), label, colour) for values, label, colour, _ in shown])
    label_ends(clock, [(_last(log.freq_hz[rows] * 1e-6), name, BLUE)] if len(rows) else [])


def _draw_rows(figure: Figure | SubFigure, runs: Runs) -> None:
    """A row a run, its clock on the left, its power on the right."""
    grid = figure.subplots(len(runs), 2, sharex=True, sharey="col", squeeze=False)
    wide = is_wide([float(log.power_w[log.last_frame].max(initial=0.0)) for _, log in runs])
    for number, ((clock, power), (name, log)) in enumerate(zip(grid, runs, strict=True)):
        rows, cap_w, colour = log.last_frame, _caps(log), shade(number)
        _steps(clock, log.freq_hz[rows] * 1e-6, colour, name)
        _steps(power, log.power_w[rows], colour, name)
        if np.isfinite(cap_w).any():
            _steps(power, cap_w, BLACK, "cap", LIMIT)
        clock.set_title(name, loc="left", fontsize=9, fontweight="bold", pad=3)
        _frame(clock, "clock (MHz)")
        _frame(power, f"{log.cap.domain} (W)")
    _reach(grid[:, 0].tolist(), [log.freq_hz[log.last_frame] * 1e-6 for _, log in runs], False)
    powers = [each for _, log in runs for each in (log.power_w[log.last_frame], _caps(log))]
    _reach(grid[:, 1].tolist(), powers, wide)
    for (_, power), (_, log) in zip(grid, runs, strict=True):
        cap_w = _caps(log)
        label_ends(power, [(_last(cap_w), "cap", BLACK)] if np.isfinite(cap_w).any() else [])
    grid[0, 0].set_xlim(-0.5, max(len(log.last_frame) for _, log in runs) - 0.5)
    for axes in grid[-1]:
        axes.set_xlabel("layer")


def _reach(column: Sequence[Axes], values: Sequence[Reals], wide: bool) -> None:
    """Let axes on one scale hold all ``values``; logarithmic where it is ``wide``."""
    from matplotlib.ticker import LogLocator

    shown = np.concatenate([each[np.isfinite(each)] for each in values])
    most = float(shown.max(initial=0.0)) or 1.0
    for axes in column if wide else ():
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5), numticks=5))
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
        axes.minorticks_off()
        axes.set_ylabel(f"{axes.get_ylabel()},\nlogarithmic")
    least = float(shown[shown > 0].min(initial=most))
    column[0].set_ylim(*(least / 1.5, 1.5 * most) if wide else (0, 1.08 * most))


def _frame(axes: Axes, label: str) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.set_ylabel(label, fontsize=9)
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
    plain(axes, "y")


def _steps(axes: Axes, values: Reals, colour: str, label: str, style: str = "solid") -> None:
    """Draw one value a layer, each as wide as its layer's place on the axis."""
    edges = np.arange(len(values) + 1) - 0.5
    axes.stairs(
        values, edges, baseline=None, linewidth=width_of(len(values)), color=colour, label=label,
        linestyle=DASHES[style],
    )  # fmt: skip


def width_of(layers: int) -> float:
    """Points of a line over so many layers: thinner over many, which would run into each other."""
    return float(np.clip(WIDTH * FULL / max(layers, 1), FINE, WIDTH))


def _last(values: Reals) -> float:
    """The last value that is one."""
    return float(values[np.isfinite(values)][-1])


def _caps(log: RunLog) -> Floats:
    """The cap of each layer of the last frame; not a number where there is none."""
    caps = log.cap_w[log.last_frame]
    return np.where(np.isfinite(caps), caps, np.nan)
