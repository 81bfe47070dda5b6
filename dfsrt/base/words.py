"""Arguments of machine code as 64-bit words, as it takes them, and their layout as text.

A tuple is what is in it, one after the other; a record is where it lies; an array where it lies,
its sizes and its strides. Two values of one layout are read by the same machine code.
"""

from __future__ import annotations

import struct
from functools import cache

import numpy as np

Argument = np.generic | np.ndarray | tuple["Argument", ...] | int | float
"""What machine code takes: states as records, arrays, numbers, and named tuples of them."""


def layout_of(value: Argument) -> str:
    """Return what machine code for ``value`` depends on, its contents left out.

    Raises:
        TypeError: nothing that machine code takes.
    """
    if isinstance(value, np.void):
        return f"record {_fields(value.dtype)}"
    if isinstance(value, np.ndarray):
        return f"{_flags(value)}{value.ndim} {_fields(value.dtype)}"
    if isinstance(value, tuple):
        names = getattr(value, "_fields", range(len(value)))
        items = (f"{name}={layout_of(item)}" for name, item in zip(names, value, strict=True))
        return f"({'; '.join(items)})"
    if isinstance(value, bool | np.bool_):
        return "bool"
    if isinstance(value, int | np.int64):
        return "int"
    if isinstance(value, float | np.float64):
        return "float"
    raise TypeError(f"{value!r} is no argument of machine code")


def words_of(value: Argument) -> list[int]:
    """Return ``value`` as words; what they point to is alive as long as ``value`` is."""
    if isinstance(value, np.void):
        return [np.frombuffer(value, np.uint8).ctypes.data]
    if isinstance(value, np.ndarray):
        place = (value.size, value.itemsize, value.ctypes.data)
        return [0, 0, *place, *value.shape, *value.strides]  # no owner, no parent
    if isinstance(value, tuple):
        return [word for item in value for word in words_of(item)]
    if isinstance(value, float | np.float64):
        return list(struct.unpack("q", struct.pack("d", value)))
    return [int(value)]


@cache
def _fields(dtype: np.dtype[np.generic]) -> str:
    """What is at which place of a record or of an array's entry."""
    if dtype.fields is None:
        return dtype.str
    places = (f"{name}:{kind.str}@{at}" for name, (kind, at, *_) in dtype.fields.items())
    return f"{dtype.itemsize}[{','.join(places)}]"


def _flags(array: np.ndarray) -> str:
    """Whether one row follows another without a gap, and whether it may be written to."""
    dense = "dense" if array.flags.c_contiguous else "strided"
    return dense if array.flags.writeable else f"{dense} read-only"
