"""Changes of single elements: each output's free ones by their own equations."""

from __future__ import annotations

import numpy as np

from dfsrt.base.arrays import Floats, Ints, Mask
from dfsrt.optimize.refit.descent import descended_change
from dfsrt.optimize.refit.problem import Problem

MOST_WORK = 1e10
"""Multiply-adds up to which each support gets a factor of its own."""
MOST_INPUTS = 4096
"""Inputs whose equations are formed: 128 MiB."""
_SMALL = 64
"""Inputs up to which the equations of many outputs are solved at once."""


def masked_change(problem: Problem, free: Mask) -> Floats:
    """Return the change ``(n_outputs, n_inputs)`` of the elements that are ``free``, of that shape.

    Exact for each output where that is not too much work, and near the optimum elsewhere.
    """
    rows, width = problem.inputs.shape
    if not problem.pull:  # the inputs never change, and say nothing of their weights
        return np.zeros(free.shape)
    if width <= min(_SMALL, rows):
        return _small(problem, free)
    supports, of_output = np.unique(np.packbits(free, axis=1), axis=0, return_inverse=True)
    sizes = np.unpackbits(supports, axis=1).sum(axis=1, dtype=np.float64)
    work = (sizes**3).sum() / 3 + rows * width**2
    if work > MOST_WORK or width > MOST_INPUTS:
        return descended_change(problem, free)
    return _by_support(problem, free, [np.flatnonzero(of_output == n) for n in range(len(sizes))])


def _small(problem: Problem, free: Mask) -> Floats:
    """All outputs at once: what is not free has an equation of its own, that it does not change."""
    changes = np.zeros(free.shape)
    width = free.shape[1]
    step = max(2**22 // width**2, 1)
    for start in range(0, len(free), step):
        some = free[start : start + step]
        left = problem.squares * (some[:, :, None] & some[:, None, :])
        left[:, range(width), range(width)] += ~some
        right = np.where(some, problem.slope[start : start + step], 0.0)
        changes[start : start + step] = np.linalg.solve(left, right[..., None])[..., 0]
    return changes


def _by_support(problem: Problem, free: Mask, alike: list[Ints]) -> Floats:
    """Outputs with the same free elements, which are ``alike``, share a factor."""
    from scipy.linalg import cho_factor, cho_solve

    changes = np.zeros(free.shape)
    for outputs in alike:
        support = np.flatnonzero(free[outputs[0]])
        if support.size:
            factor = cho_factor(problem.squares[np.ix_(support, support)], check_finite=False)
            right = problem.slope[np.ix_(outputs, support)].T
            solved = cho_solve(factor, right, check_finite=False)
            changes[np.ix_(outputs, support)] = solved.T
    return changes
