"""The solution of a layer: new values of its weight within what can be stored, and of its bias."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dfsrt.base.arrays import Floats, Mask
from dfsrt.optimize.refit.freedom import Freedom
from dfsrt.optimize.refit.masked import masked_change
from dfsrt.optimize.refit.problem import Problem
from dfsrt.optimize.refit.rows import Rows
from dfsrt.optimize.refit.shared import shared_changes

ROUNDS = 4
"""Times that values which leave what can be stored are held at its end, and the others solved."""
Bounds = tuple[Floats, Floats] | None
"""The least and the largest real numbers that each element can be stored as."""


def solution(
    fit: Rows, old: Floats, offset: Floats, freedom: Freedom, has_bias: bool, bounds: Bounds
) -> tuple[Floats, Floats]:
    """Return new values ``(n_outputs, n_inputs)`` and the offset's change ``(n_outputs,)``.

    ``old`` values, the ``freedom`` and ``bounds``, if any, have the first of these shapes.
    """
    if freedom.dtype != np.bool_:
        changes, offsets = _solved(fit, old, offset, freedom, has_bias)
        return old + changes, offsets
    free = np.asarray(freedom, np.bool_)
    for _ in range(ROUNDS):
        changes, offsets = _solved(fit, old, offset, free, has_bias)
        new = old + changes
        if bounds is None:
            break
        beyond = free & ((new < bounds[0]) | (new > bounds[1]))
        if not beyond.any():
            break
        old, free = np.where(beyond, np.clip(new, *bounds), old), free & ~beyond
    return new, offsets


def _solved(
    fit: Rows, old: Floats, offset: Floats, freedom: Mask | NDArray[np.integer], has_bias: bool
) -> tuple[Floats, Floats]:
    rests = fit.rest(old, offset)
    pairs = zip(fit.inputs, rests, strict=True)
    problems = [Problem(inputs, rest, has_bias) for inputs, rest in pairs]
    if freedom.dtype == np.bool_:
        parts = np.split(np.asarray(freedom, np.bool_), len(problems))
        changes = [masked_change(p, free) for p, free in zip(problems, parts, strict=True)]
    else:
        changes = shared_changes(problems, np.asarray(freedom, np.int64))
    offsets = [p.bias_change(change) for p, change in zip(problems, changes, strict=True)]
    return np.concatenate(changes), np.concatenate(offsets)
