"""Arrays by what they hold, and arrays that nobody can write to."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

Array = TypeVar("Array", bound=NDArray[np.generic])
Scalar = TypeVar("Scalar", bound=np.generic)


def frozen(array: Array) -> Array:
    """Return a view of ``array``, of any shape, that cannot be written through."""
    view = array.view()
    view.flags.writeable = False
    return view


def packed(array: NDArray[Scalar]) -> NDArray[Scalar]:
    """Return ``array``, of any shape, in C order and read-only; without a copy where it is.

    Compiled functions are compiled once for each kind of array: so packed, all are of one kind.
    """
    return frozen(np.ascontiguousarray(array))
