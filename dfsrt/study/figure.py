"""The figure of a study: its trials by their objectives, and the best of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, Unpack

from dfsrt.report.figure import COLOURS, new_figure, save_figure
from dfsrt.study.entry import COMPLETE, Entry
from dfsrt.study.metric import METRICS
from dfsrt.study.result import Result, bare_spec

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import PathCollection
    from matplotlib.figure import Figure


class Marks(TypedDict, total=False):
    """How marks look, in the library's own words."""

    label: str
    marker: str
    s: float
    alpha: float
    color: str
    c: Sequence[float]
    cmap: str
    facecolors: str
    edgecolors: str
    linewidths: float


_BLUE, _RED, _GREY = COLOURS[0], COLOURS[1], COLOURS[7]


def write_figure(result: Result, path: Path) -> None:
    """Draw ``result`` and write it to ``path``, ``.svg`` or ``.png``; same result, same bytes.

    Raises:
        OutputError: ``path`` cannot be written.
    """
    save_figure(draw(result), path)


def draw(result: Result) -> Figure:
    """Return a matplotlib figure: objectives against each other, or one over the trials."""
    figure = new_figure(8, 5)
    axes = figure.subplots()
    study = result.judge.study
    complete = [entry for entry in result.entries if entry.state == COMPLETE]
    if len(study.objectives) == 1:
        _draw_course(axes, result, complete)
    else:
        _draw_front(figure, axes, result, complete)
    governor = bare_spec(study.governor)
    axes.set_title(f"{study.name}: {governor}, {len(result.entries)} trials", loc="left")
    axes.grid(alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    figure.legend(frameon=False, loc="outside lower center", ncols=4)
    return figure


def _draw_course(axes: Axes, result: Result, complete: Sequence[Entry]) -> None:
    """One objective: every trial's value, and the best so far."""
    name = result.judge.study.objectives[0]
    feasible = [e for e in complete if result.judge.feasible(e)]
    infeasible = [e for e in complete if not result.judge.feasible(e)]
    for entries, label, colour, marker in (
        (infeasible, "breaks a limit", _GREY, "x"),
        (feasible, "trial", _BLUE, "o"),
    ):
        if entries:
            values = [result.judge.objectives(e)[0] for e in entries]
            numbers = [e.number for e in entries]
            axes.scatter(numbers, values, label=label, color=colour, marker=marker, s=14)
    if feasible:
        best = _best_so_far(result, feasible)
        axes.step(*zip(*best, strict=True), where="post", color=_RED, label="best so far")
    if METRICS[name].how == "ratio":
        axes.axhline(
            1.0, color="black", linestyle="--", label=bare_spec(result.judge.study.baseline)
        )
    axes.set_xlabel("trial")
    axes.set_ylabel(axis_label(result, name))


def _best_so_far(result: Result, feasible: Sequence[Entry]) -> list[tuple[int, float]]:
    """Return (trial, best value) at each trial that was better, and at the last trial."""
    points: list[tuple[int, float]] = []
    least = float("inf")
    for entry in feasible:
        cost = result.judge.costs(entry)[0]
        if cost < least:
            least = cost
            points.append((entry.number, result.judge.objectives(entry)[0]))
    return [*points, (result.entries[-1].number, points[-1][1])]


def _draw_front(figure: Figure, axes: Axes, result: Result, complete: Sequence[Entry]) -> None:
    """Two objectives on the axes, a third as colour; the Pareto set joined by steps."""
    names = result.judge.study.objectives
    front = result.front
    on_front = {e.number for e in front}
    rest = [e for e in complete if e.number not in on_front]
    kept = [e for e in rest if result.judge.feasible(e)]
    broken = [e for e in rest if not result.judge.feasible(e)]
    if broken:
        _scatter(axes, result, broken, label="breaks a limit", color=_GREY, marker="x", s=14)
    _scatter(axes, result, kept, label="trial", color=_GREY, s=10, alpha=0.5)
    if len(names) == 2:
        points = [result.judge.objectives(e) for e in front]
        if points:
            line = zip(*points, strict=True)
            axes.step(*line, where="post", color=_BLUE, linewidth=1.0, zorder=1)
        _scatter(axes, result, front, label="Pareto set", color=_BLUE, s=26)
    elif front:
        third = [result.judge.objectives(e)[2] for e in front]
        marks = _scatter(axes, result, front, label="Pareto set", c=third, cmap="cividis", s=30)
        figure.colorbar(marks, ax=axes, label=axis_label(result, names[2]))
    best = [result.best]
    _scatter(
        axes, result, best, label="best", facecolors="none", edgecolors=_RED, s=110, linewidths=1.8
    )
    axes.set_xlabel(axis_label(result, names[0]))
    axes.set_ylabel(axis_label(result, names[1]))


def _scatter(
    axes: Axes, result: Result, entries: Sequence[Entry], **style: Unpack[Marks]
) -> PathCollection:
    points = [result.judge.objectives(e) for e in entries]
    return axes.scatter([p[0] for p in points], [p[1] for p in points], **style)


def axis_label(result: Result, name: str) -> str:
    """Return what an axis of an objective is called: against the baseline, or in its unit."""
    metric = METRICS[name]
    if metric.how == "ratio":
        return f"{metric.text}, against {bare_spec(result.judge.study.baseline)}"
    return f"{metric.text} ({metric.unit})" if metric.unit else metric.text
