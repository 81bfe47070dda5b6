"""What a refit may change of a weight."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dfsrt.base.arrays import Mask
from dfsrt.base.errors import InputError
from dfsrt.optimize.weight import Weight

Freedom = Mask | NDArray[np.integer]
"""Of a weight as a matrix ``(n_outputs, n_inputs)``: booleans, which elements may move; or whole
numbers, where equal ones share one value, and elements with one below zero stay as they are."""


def check_freedom(weight: Weight, freedom: Freedom) -> None:
    """Accept ``freedom``, any shape, if it fits ``weight`` as a matrix ``(n_outputs, n_inputs)``.

    Raises:
        InputError: another shape, or neither booleans nor whole numbers.
    """
    shape = weight.matrix(weight.array).shape
    if freedom.shape != shape or freedom.dtype.kind not in "bui":
        raise InputError(
            f"the freedom of weight '{weight.name}' is {freedom.dtype} of shape "
            f"{list(freedom.shape)}; give a mask or labels of shape {list(shape)}"
        )
