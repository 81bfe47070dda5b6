"""The figure of a search: fidelity over energy a frame, the Pareto set, the chosen point."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from dfsrt.report.canvas import check_figure_path, entitle, new_figure, plain, save_figure
from dfsrt.report.look import BLUE, GREY, RED
from dfsrt.study.layers.fidelity import fidelity_of
from dfsrt.study.layers.schema import LayerPoint, LayerReport
from dfsrt.study.layers.search import FIDELITIES
from dfsrt.study.layers.words import head_lines

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def write_trials(report: LayerReport, points: Sequence[LayerPoint], path: Path) -> None:
    """Draw a search and write it to ``path``.

    Raises:
        InputError: neither ``.svg`` nor ``.png``.
        OutputError: ``path`` cannot be written.
    """
    check_figure_path(path)
    save_figure(_draw(report, points), path)


def _draw(report: LayerReport, points: Sequence[LayerPoint]) -> Figure:
    from matplotlib.ticker import EngFormatter

    name = report.fidelity
    figure = new_figure(8, 5)
    axes = figure.subplots()
    for some, label, colour, size in (
        (points, "trial", GREY, 10),
        (report.pareto, "Pareto set", BLUE, 26),
    ):
        x, y = [p.energy_j for p in some], [fidelity_of(p, name) for p in some]
        axes.scatter(x, y, label=label, color=colour, s=size)
    axes.step(x, y, where="post", color=BLUE, linewidth=1.0)
    best = report.chosen
    axes.scatter(
        [best.energy_j], [fidelity_of(best, name)], label="chosen", facecolors="none",
        edgecolors=RED, s=110, linewidths=1.8,
    )  # fmt: skip
    axes.xaxis.set_major_formatter(EngFormatter("J"))
    axes.set_xlabel("energy a frame (J), all domains")
    axes.set_ylabel(FIDELITIES[name])
    entitle(figure, *head_lines(report)[:1], f"{report.trials} trials")
    plain(axes)
    figure.legend(frameon=False, loc="outside lower center", ncols=3)
    return figure
