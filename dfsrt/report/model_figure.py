"""A model's figure: predicted against measured, error by operator, coverage of its bound."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from dfsrt.power.conformal import held_out_coverage
from dfsrt.power.learn.bounds import worst_of_layers
from dfsrt.power.learn.train import Trained
from dfsrt.report.canvas import bar_values, entitle, new_figure, plain, save_figure
from dfsrt.report.look import BLUE, GREEN, PINK, RED

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SHOWN_OPERATORS = 14


def write_model_figure(trained: Trained, path: Path) -> None:
    """Write the figure of a model, every point from a model that has not seen its network."""
    figure = new_figure(12, 4.4)
    left, middle, right = figure.subplots(1, 3)
    _scatter(left, trained)
    _by_operator(middle, trained)
    _coverage(right, trained)
    card = trained.card
    entitle(figure, f"{card.name}: {card.samples:,} samples, each predicted without its network")
    for axes in (left, middle, right):
        plain(axes)
    save_figure(figure, path)


def _scatter(axes: Axes, trained: Trained) -> None:
    rows, predicted = trained.rows, trained.predicted["power_w"]
    for kind, color in (("matrix", BLUE), ("vector", RED), ("move", GREEN)):
        chosen = rows.classes == kind
        axes.plot(rows.power_w[chosen], predicted[chosen], ".", ms=3, color=color, label=kind)
    span = [float(rows.power_w.min()), float(rows.power_w.max())]
    axes.plot(span, span, color="0.4", lw=1)
    scale = "log" if span[1] > 20 * span[0] else "linear"
    axes.set(xlabel="measured (W)", ylabel="predicted (W)", xscale=scale, yscale=scale)
    axes.legend(frameon=False)


def _by_operator(axes: Axes, trained: Trained) -> None:
    found = trained.card.targets["power_w"].by_operator
    most = sorted(found.items(), key=lambda kv: -kv[1].samples)[:SHOWN_OPERATORS][::-1]
    axes.barh([f"{n} ({e.samples})" for n, e in most], [100 * e.mape for _, e in most], color=BLUE)
    axes.plot([100 * e.p95 for _, e in most], range(len(most)), "|", color="0.2", ms=9)
    ends = np.array([100 * max(e.p95, e.mape) for _, e in most])
    bar_values(axes, ends, [f"{100 * e.mape:.1f}, | {100 * e.p95:.1f} %" for _, e in most])
    axes.margins(x=0.25)
    axes.set(xlabel="power error (%): mean, and 95th percentile (|)")


def _coverage(axes: Axes, trained: Trained) -> None:
    """Share of layers under the bound, each network under a bound made without it."""
    layers = worst_of_layers(trained.rows, trained.predicted)
    confidences, covered = [], []
    for level in (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99):
        shares = held_out_coverage(layers.ratios, layers.classes, layers.groups, level)
        weights = [layers.groups.count(g) for g in shares]
        if weights:  # else too few layers for so much confidence
            confidences.append(100 * level)
            covered.append(100 * float(np.average(list(shares.values()), weights=weights)))
    axes.plot(confidences, covered, "o-", color=PINK)
    axes.plot([50, 100], [50, 100], color="0.4", lw=1)
    axes.set(xlabel="confidence (%)", ylabel="layers of left-out networks under the bound (%)")
