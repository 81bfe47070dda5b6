"""Bounds from out-of-fold predictions: a factor for each class of layers, and what it covers."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from dfsrt.base.arrays import Floats
from dfsrt.power.card import Bounds
from dfsrt.power.clock_law import Predicted
from dfsrt.power.conformal import Bound, fit_bound, held_out_coverage
from dfsrt.power.learn.learner import MOVING
from dfsrt.power.learn.rows import Rows

LEAST_MOVING = 0.01
"""Share of a reading below which a layer's own activity cannot be told from the meter's noise: the
factor that such a layer asks for is taken of this share."""
COVERED = (0.9, 0.95, 0.99)
"""Confidences at which a card says what the bound covers."""


def bound_of(rows: Rows, predicted: Predicted) -> Bound:
    """Return the bound of out-of-fold predictions, from layers of networks where there are any:
    those of a sweep err less, or more, than those that a user has.
    """
    worst = worst_of_layers(rows, predicted)
    return fit_bound(worst.ratios, worst.classes)


def bounds_of(rows: Rows, predicted: Predicted) -> Bounds:
    """Bounds from out-of-fold ratios, and what they cover on networks left out of them."""
    bound, worst = bound_of(rows, predicted), worst_of_layers(rows, predicted)
    counts, coverage = Counter(worst.groups), {}
    for confidence in (c for c in COVERED if c in bound.levels):
        shares = held_out_coverage(worst.ratios, worst.classes, worst.groups, confidence)
        if len(shares) == len(counts):  # else too few layers are left without one of the groups
            covered = sum(shares[g] * n for g, n in counts.items()) / counts.total()
            coverage[f"{confidence:g}"] = float(f"{covered:.4g}")
    return Bounds(
        levels=list(bound.levels),
        factors={g: [float(f"{v:.6g}") for v in f] for g, f in bound.factors.items()},
        samples=dict(bound.samples),
        coverage=coverage,
    )


@dataclass(frozen=True, slots=True)
class Layers:
    """Layers once each: the largest factor that the reading asks for, class and group."""

    ratios: Floats
    classes: list[str]
    groups: list[str]


def worst_of_layers(rows: Rows, predicted: Predicted) -> Layers:
    """Each layer once, by the worst of its readings: a bound is broken by a layer, not a reading,
    and readings of one layer err together."""
    counts = rows.counted
    moving = np.maximum(predicted.get(MOVING, predicted["power_w"]), LEAST_MOVING * rows.power_w)
    rows, ratios = rows.pick(counts), (1 + (rows.power_w - predicted["power_w"]) / moving)[counts]
    worst: dict[tuple[str, str], tuple[float, str]] = {}
    for group, shape, kind, ratio in zip(
        rows.groups.tolist(), rows.shapes.tolist(), rows.classes.tolist(), ratios, strict=True
    ):
        worst[group, shape] = max(worst.get((group, shape), (0.0, kind)), (float(ratio), kind))
    return Layers(
        ratios=np.array([ratio for ratio, _ in worst.values()]),
        classes=[kind for _, kind in worst.values()],
        groups=[group for group, _ in worst],
    )
