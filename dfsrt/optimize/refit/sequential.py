"""Changes of many elements of long rows: one factor for all outputs, elements held one by one."""

from __future__ import annotations

import numpy as np

from dfsrt.base.arrays import Floats, Mask
from dfsrt.optimize.refit.problem import Problem

_BLOCK = 128
"""Inputs that are gone through before the later ones learn of it."""


def sequential_change(problem: Problem, free: Mask) -> Floats:
    """Return the change ``(n_outputs, n_inputs)`` of the elements that are ``free``, of that shape.

    All elements change to their common optimum; then, input by input, those that are not free go
    back, and the later inputs of the same output make up for it as well as they can.

    Source: the update is Hassibi and Stork's (optimal brain surgeon, 1993), its order that of
    Frantar and Alistarh (SparseGPT, arXiv 2301.00774).
    Limits: inputs before an element do not make up for it, so that it is not the optimum.
    """
    inverse = _inverse_factor(problem.squares)
    changes = problem.slope @ inverse.T @ inverse
    width = free.shape[1]
    for start in range(0, width, _BLOCK):
        end = min(start + _BLOCK, width)
        steps = np.zeros((len(free), end - start))
        for each in range(start, end):
            step = np.where(free[:, each], 0.0, changes[:, each] / inverse[each, each])
            changes[:, each:end] -= np.outer(step, inverse[each, each:end])
            steps[:, each - start] = step
        changes[:, end:] -= steps @ inverse[start:end, end:]
    return np.where(free, changes, 0.0)


def _inverse_factor(squares: Floats) -> Floats:
    """Return the upper ``u``, ``(n_inputs, n_inputs)``; ``u' u`` is the inverse of ``squares``."""
    from scipy.linalg import cholesky, lapack

    turned = cholesky(squares[::-1, ::-1], lower=True, check_finite=False)
    factor, _ = lapack.dtrtri(np.asfortranarray(turned[::-1, ::-1]), lower=0, overwrite_c=1)
    return np.asarray(np.triu(factor))
