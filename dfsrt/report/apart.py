"""Heights of names beside lines, so far apart that each can be read."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dfsrt.base.arrays import Floats, Reals


def apart(heights: Reals | Sequence[float], gap: float) -> Floats:
    """Return ``heights``, ``(n,)`` shares of an axis, moved until ``gap`` lies between any two.

    Their order stays. They leave the axis only where there is no room for all, and then evenly.
    """
    wanted = np.asarray(heights, dtype=np.float64)
    order = np.argsort(wanted, kind="stable")
    placed = wanted[order].copy()
    steps = gap * np.arange(len(placed))
    placed = np.maximum.accumulate(placed - steps) + steps
    excess = steps + (1 - (steps[-1] if len(steps) else 0.0))
    placed = np.minimum(placed, excess)
    if len(steps) and steps[-1] > 1:
        placed = steps - (steps[-1] - 1) / 2
    moved = np.empty(len(placed))
    moved[order] = placed
    return np.asarray(moved, dtype=np.float64)
