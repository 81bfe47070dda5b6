"""Changes of many elements of long rows: all outputs at once, by conjugate gradients."""

from __future__ import annotations

import numpy as np

from dfsrt.base.arrays import Floats, Mask
from dfsrt.optimize.refit.problem import Problem

MOST_STEPS = 60
NEAR = 1e-4
"""Share of its first slope at which an output counts as solved.

Source: assumed; 20 steps come within 0.1 % of the optimum's error, see decision 65.
"""
_AT_ONCE = 2**22
"""Elements of outputs that go together: 32 MiB for each of half a dozen arrays."""


def descended_change(problem: Problem, free: Mask) -> Floats:
    """Return the change ``(n_outputs, n_inputs)`` of the elements that are ``free``, of that shape.

    Each step costs one product with all outputs, and no equations are factored or, where there are
    fewer rows than inputs, even formed. Every step brings each output nearer to its optimum.

    Source: Hestenes and Stiefel 1952, with the diagonal as preconditioner.
    Limits: after 60 steps what is not solved stays as near as it is.
    """
    change = np.zeros(free.shape)
    some = max(_AT_ONCE // free.shape[1], 1)
    for start in range(0, len(free), some):
        outputs = slice(start, start + some)
        slope = np.where(free[outputs], problem.slope[outputs], 0.0)
        _descend(problem, free[outputs], slope, change[outputs])
    return change


def _descend(problem: Problem, free: Mask, slope: Floats, change: Floats) -> None:
    """Add to ``change`` of some outputs, in place, what brings their ``slope`` near zero."""
    scale = problem.mean_squares
    way = slope / scale
    steep = np.sum(slope * way, axis=1)
    enough = NEAR**2 * steep
    for _ in range(MOST_STEPS):
        if (steep <= enough).all():
            break
        turn = np.where(free, problem.product(way), 0.0)
        length = _quotient(steep, np.sum(way * turn, axis=1))[:, None]
        change += length * way
        slope -= length * turn
        ahead = slope / scale
        before, steep = steep, np.sum(slope * ahead, axis=1)
        way = ahead + _quotient(steep, before)[:, None] * way


def _quotient(above: Floats, below: Floats) -> Floats:
    """``above`` by ``below``, both ``(n_outputs,)``; 0 where an output is solved already."""
    return np.divide(above, below, out=np.zeros_like(above), where=below > 0)
