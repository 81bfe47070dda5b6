"""The figure of a study: its trials by their objectives, and the best of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, Unpack

from dfsrt.report.canvas import entitle, new_figure, plain, save_figure
from dfsrt.report.look import BLUE, GREY, RED
from dfsrt.study.entry import COMPLETE, Entry
from dfsrt.study.metric import METRICS
from dfsrt.study.result import Result, bare_spec
from dfsrt.study.study import Study

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
    entitle(figure, f"{study.name}: {study_text(study)}, {len(result.entries)} trials")
    plain(axes)
    figure.legend(frameon=False, loc="outside lower center", ncols=4)
    return figure


def study_text(study: Study) -> str:
    """Return networks, device, caps and governor of a study."""
    over = study.over
    caps = ", ".join(f"cap {cap}" for cap in over.caps) or "the device's own cap"
    governor = bare_spec(study.governor)
    return f"{', '.join(over.networks)} on {over.device}, {caps}, governor {governor}"


def _draw_course(axes: Axes, result: Result, complete: Sequence[Entry]) -> None:
    """One objective: every trial's value, and the best so far."""
    name = result.judge.study.objectives[0]
    feasible = [e for e in complete if result.judge.feasible(e)]
    infeasible = [e for e in complete if not result.judge.feasible(e)]
    for entries, label, colour, marker in (
        (infeasible, "breaks a limit", GREY, "x"),
        (feasible, "trial", BLUE, "o"),
    ):
        if entries:
            values = [result.judge.objectives(e)[0] for e in entries]
            numbers = [e.number for e in entries]
            axes.scatter(numbers, values, label=label, color=colour, marker=marker, s=14, zorder=3)
    if feasible:
        course = _best_so_far(result, feasible)
        axes.step(*zip(*course, strict=True), where="post", color=RED, label="best so far")
    best = result.best
    _ring(axes, [best.number], [result.judge.objectives(best)[0]])
    if METRICS[name].how == "ratio":
        axes.axhline(
            1.0, color="black", linestyle="--", label=bare_spec(result.judge.study.baseline)
        )
    axes.set_xlabel("trial")
    axes.set_ylabel(axis_label(result, name))


def _ring(axes: Axes, x: Sequence[float], y: Sequence[float]) -> None:
    """Put a ring around the best trial."""
    style = Marks(label="best", facecolors="none", edgecolors=RED, s=110, linewidths=1.8)
    axes.scatter(x, y, zorder=4, **style)


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
        _scatter(axes, result, broken, label="breaks a limit", color=GREY, marker="x", s=14)
    _scatter(axes, result, kept, label="trial", color=GREY, s=10, alpha=0.5)
    if len(names) == 2:
        points = [result.judge.objectives(e) for e in front]
        if points:
            line = zip(*points, strict=True)
            axes.step(*line, where="post", color=BLUE, linewidth=1.0, zorder=1)
        _scatter(axes, result, front, label="Pareto set", color=BLUE, s=26)
    elif front:
        third = [result.judge.objectives(e)[2] for e in front]
        marks = _scatter(axes, result, front, label="Pareto set", c=third, cmap="cividis", s=30)
        figure.colorbar(marks, ax=axes, label=axis_label(result, names[2]))
    x, y, *_ = result.judge.objectives(result.best)
    _ring(axes, [x], [y])
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
        return f"{metric.text}, against {bare_spec(result.judge.study.baseline)} (ratio)"
    return f"{metric.text} ({metric.unit})" if metric.unit else metric.text
