"""Arrays by what they hold, and arrays that nobody can write to."""

from __future__ import annotations

from dataclasses import fields
from operator import mul
from typing import TYPE_CHECKING, ClassVar, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from dataclasses import Field

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Ints = NDArray[np.int64]
Reals = NDArray[np.floating]
"""Of any precision: what a product of whole numbers and a float is, for a type checker."""
Mask = NDArray[np.bool_]
Values = NDArray[np.generic]
"""Of any kind."""


class DataclassInstance(Protocol):
    """An instance of any dataclass."""

    __dataclass_fields__: ClassVar[dict[str, Field[object]]]


Array = TypeVar("Array", bound=NDArray[np.generic])
Scalar = TypeVar("Scalar", bound=np.generic)


def exact_total(counts: Ints, each: Ints) -> int:
    """Return the sum of ``counts`` ``(n,)`` times ``each`` ``(n,)``, beyond 64 bits, too."""
    return sum(map(mul, counts.tolist(), each.tolist()))


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


def freeze_arrays(owner: DataclassInstance) -> None:
    """Make every array that a frozen dataclass holds read-only; call it in ``__post_init__``.

    The arrays are views, of any shape: who made one can still write to what it views.
    """
    for field in fields(owner):
        value = getattr(owner, field.name)
        if isinstance(value, np.ndarray):
            object.__setattr__(owner, field.name, frozen(value))
