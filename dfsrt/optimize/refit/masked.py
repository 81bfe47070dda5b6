"""Changes of single elements: each output's free ones by their own equations."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from dfsrt.base.arrays import Floats, Ints, Mask
from dfsrt.optimize.refit.problem import Problem
from dfsrt.optimize.refit.sequential import sequential_change

MOST_WORK = 1e11
"""Multiply-adds up to which each support gets a factor of its own."""
MOST_INPUTS = 5120
"""Inputs whose squares fit in memory (210 MB)."""
_SMALL = 64
"""Inputs up to which the equations of many outputs are solved at once."""


def masked_change(problem: Problem, free: Mask) -> Floats:
    """Return the change ``(n_outputs, n_inputs)`` of the elements that are ``free``, of that shape.

    Exact for each output; where that is too much work, one factor serves all outputs, and
    elements are held one after another.
    """
    rows, width = problem.inputs.shape
    if not problem.pull:  # the inputs never change, and say nothing of their weights
        return np.zeros(free.shape)
    if width <= min(_SMALL, rows):
        return _small(problem, free)
    supports, of_output = np.unique(np.packbits(free, axis=1), axis=0, return_inverse=True)
    sizes = np.unpackbits(supports, axis=1).sum(axis=1, dtype=np.float64)
    by_inputs = float((sizes**3 / 3).sum()) + rows * width**2
    by_rows = float((sizes * rows**2 + rows**3 / 3).sum())
    outputs = [np.flatnonzero(of_output == each) for each in range(len(supports))]
    if by_rows < min(by_inputs, MOST_WORK):
        return _by_rows(problem, free, outputs)
    if width > MOST_INPUTS:
        most = max(int((MOST_WORK / max(sizes.sum(), 1)) ** 0.5), 1)
        return _by_rows(problem.fewer(min(most, rows)), free, outputs)
    if by_inputs <= MOST_WORK:
        return _by_inputs(problem, free, outputs)
    return sequential_change(problem, free)


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


def _by_inputs(problem: Problem, free: Mask, alike: list[Ints]) -> Floats:
    from scipy.linalg import cho_factor, cho_solve

    changes = np.zeros(free.shape)
    for outputs, support in _supports(free, alike):
        factor = cho_factor(problem.squares[np.ix_(support, support)], check_finite=False)
        right = problem.slope[np.ix_(outputs, support)].T
        solved = cho_solve(factor, right, check_finite=False)
        changes[np.ix_(outputs, support)] = solved.T
    return changes


def _by_rows(problem: Problem, free: Mask, alike: list[Ints]) -> Floats:
    """By equations of as many unknowns as there are rows, which are fewer than free elements."""
    from scipy.linalg import cho_factor, cho_solve

    changes = np.zeros(free.shape)
    inputs = problem.inputs - problem.middle
    rest = problem.rest - problem.rest_middle
    for outputs, support in _supports(free, alike):
        some = inputs[:, support]
        left = some @ some.T
        left[np.diag_indices(len(left))] += problem.pull
        factor = cho_factor(left, overwrite_a=True, check_finite=False)
        solved = cho_solve(factor, rest[:, outputs], check_finite=False)
        changes[np.ix_(outputs, support)] = solved.T @ some
    return changes


def _supports(free: Mask, alike: list[Ints]) -> Iterator[tuple[Ints, Ints]]:
    for outputs in alike:
        support = np.flatnonzero(free[outputs[0]])
        if support.size:
            yield outputs, support
