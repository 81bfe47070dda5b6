"""Least squares with weights of zero or more, for a few features and many rows."""

from __future__ import annotations

import numpy as np

from dfsrt.base.arrays import Floats, Mask

_TINY = np.finfo(np.float64).tiny
_ROUNDING = 1e-12
"""A gradient or a weight this small beside the largest is rounding."""


def nonnegative_weights(features: Floats, target: Floats) -> Floats:
    """Return the weights, ``(n_features,)``, none below 0, that bring ``features`` to ``target``.

    ``features`` are ``(n_rows, n_features)``, ``target`` is ``(n_rows,)``; the sum of squared
    differences is the least there is. Rows are folded into a triangle first, so that their number
    costs one pass.

    Source: Lawson and Hanson, Solving Least Squares Problems, 1974, chapter 23.
    """
    sizes = np.linalg.norm(features, axis=0)
    sizes[sizes == 0] = 1.0
    # The target goes along as a last column, which needs no orthogonal factor of all rows.
    both = np.column_stack([features / sizes, target])
    whole = np.asarray(np.linalg.qr(both, mode="r"))[: len(sizes)]
    triangle, goal = whole[:, :-1], whole[:, -1]
    weights: Floats = np.zeros(len(sizes))
    free: Mask = np.zeros(len(sizes), dtype=bool)
    for _ in range(3 * len(sizes)):
        gradient = triangle.T @ (goal - triangle @ weights)
        gradient[free] = 0.0
        if gradient.max() <= _ROUNDING * np.linalg.norm(goal):
            break
        free[np.argmax(gradient)] = True
        weights, free = _solved(triangle, goal, weights, free)
    return np.asarray(weights / sizes)


def _solved(triangle: Floats, goal: Floats, weights: Floats, free: Mask) -> tuple[Floats, Mask]:
    """Return the best weights of the ``free`` features; one that would fall below 0 is held."""
    while free.any():
        best = np.zeros_like(weights)
        best[free] = np.linalg.lstsq(triangle[:, free], goal, rcond=None)[0]
        below = np.flatnonzero(free & (best <= 0))
        if not len(below):
            return best, free
        shares = weights[below] / np.maximum(weights[below] - best[below], _TINY)
        weights = weights + shares.min() * (best - weights)
        free = free & (weights > _ROUNDING * weights.max())
        free[below[np.argmin(shares)]] = False
        weights = np.where(free, weights, 0.0)
    return np.zeros_like(weights), free
