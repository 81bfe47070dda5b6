"""The figure of a chain of steps: bytes, energy and answers, side by side."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from dfsrt.report.canvas import (
    amounts,
    bar_values,
    check_figure_path,
    entitle,
    new_figure,
    plain,
    save_figure,
)
from dfsrt.report.look import BLUE, COLOURS, GREEN, GREY, RED
from dfsrt.report.optimize.schema import OptimizeReport, OptimizeRow
from dfsrt.report.optimize.words import headline
from dfsrt.report.page.energy import DOMAINS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def write_steps(report: OptimizeReport, path: Path) -> None:
    """Draw a chain of steps and write it to ``path``.

    Raises:
        InputError: neither ``.svg`` nor ``.png``.
        OutputError: ``path`` cannot be written.
    """
    check_figure_path(path)
    save_figure(draw(report), path)


def draw(report: OptimizeReport) -> Figure:
    """Return a matplotlib figure: a row of bars for each step in every panel."""
    rows, answered = report.rows, report.data is not None
    figure = new_figure(4.4 * (2 + answered) + 1, 1.9 + 0.55 * len(rows))
    panels = figure.subplots(1, 2 + answered, sharey=True)
    _draw_bytes(panels[0], rows)
    _draw_energy(panels[1], rows)
    if answered:
        _draw_answers(panels[2], rows)
    places = [row.step for row in rows]
    panels[0].set_yticks(range(len(rows)), places)
    panels[0].invert_yaxis()
    for axes in panels:
        plain(axes, "x")
        axes.legend(frameon=False, fontsize=8, loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=3)
    entitle(figure, headline(report))
    return figure


def _engineering(axes: Axes, unit: str) -> None:
    """Write few marks with their prefixes, and leave room for values at bars."""
    from matplotlib.ticker import EngFormatter, MaxNLocator

    axes.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_formatter(EngFormatter(unit))
    axes.margins(x=0.25)


def _draw_bytes(axes: Axes, rows: Sequence[OptimizeRow]) -> None:
    kinds = (
        ("file", [row.file_bytes for row in rows], GREY),
        ("stored", [row.stored_bytes for row in rows], BLUE),
        ("DRAM a frame", [row.dram_bytes for row in rows], RED),
    )
    _draw_groups(axes, kinds, "B")
    _engineering(axes, "B")
    axes.set_xlabel("bytes (B)")


def _draw_energy(axes: Axes, rows: Sequence[OptimizeRow]) -> None:
    left = np.zeros(len(rows))
    for (key, name), shade in zip(DOMAINS.items(), COLOURS, strict=False):
        each = np.array([getattr(row.energy_j, key) for row in rows])
        axes.barh(range(len(rows)), each, 0.6, left, color=shade, label=name)
        left += each
    bar_values(axes, left, amounts(left, "J"))
    _engineering(axes, "J")
    axes.set_xlabel("energy of a frame (J), all domains")


def _draw_answers(axes: Axes, rows: Sequence[OptimizeRow]) -> None:
    left = [row.fidelity for row in rows]
    kinds = (
        ("as labelled", [None if f is None else f.accuracy for f in left], BLUE),
        ("same", [None if f is None else f.same for f in left], GREEN),
        ("cosine", [None if f is None else f.cosine for f in left], RED),
    )
    _draw_groups(axes, kinds)
    axes.set_xlabel("answers (share): 1 is all")
    axes.set_xlim(0, 1.25)
    axes.set_xticks([0, 0.2, 0.4, 0.6, 0.8, 1])


def _draw_groups(
    axes: Axes, kinds: Sequence[tuple[str, Sequence[float | None], str]], unit: str = ""
) -> None:
    shown = [kind for kind in kinds if any(value is not None for value in kind[1])]
    height = 0.8 / len(shown)
    for k, (name, values, shade) in enumerate(shown):
        places = np.arange(len(values)) + (k - (len(shown) - 1) / 2) * height
        known = np.array([np.nan if value is None else value for value in values])
        texts = amounts(known, unit) if unit else [_share(value) for value in known]
        axes.barh(places, np.nan_to_num(known), height, color=shade, label=name)
        bar_values(axes, np.nan_to_num(known), texts, places)


def _share(value: float) -> str:
    return f"{value:.4g}" if np.isfinite(value) else ""
