"""Where a model was trained: one check for every kind of model."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dfsrt.base.arrays import Floats

SLACK = 0.02
"""Relative: a layer so little beyond those that were measured is no extrapolation."""


def within(columns: Floats, low: Floats, high: Floats) -> NDArray[np.bool_]:
    """Return where all features ``(..., n_features)`` lie from ``low`` to ``high``.

    The bounds are ``(n_features,)``; the result has the shape of ``columns`` before that axis.
    """
    slack = SLACK * np.maximum(np.abs(low), np.abs(high))
    return np.asarray(((columns >= low - slack) & (columns <= high + slack)).all(axis=-1))
