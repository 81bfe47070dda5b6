"""Quantized weights as numbers: where zero lies, and how large an element is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from dfsrt.base.arrays import Singles
from dfsrt.optimize.arrays import Array, array_of
from dfsrt.optimize.weight import Weight

if TYPE_CHECKING:
    import onnx

Stored = Mapping[str, "onnx.TensorProto"]
"""The initializers of a model by name."""


def zero_of(weight: Weight, stored: Stored) -> Array:
    """Return the number that stands for zero, of a shape that fits the weight's (any shape)."""
    level = _level(weight, weight.zero, stored)
    return np.zeros((), weight.array.dtype) if level is None else level


def magnitudes(weight: Weight, array: Array, stored: Stored) -> Singles:
    """Return how far each element lies from zero, in the weight's own shape (any shape).

    A scale that the file does not hold counts as the same for all.
    """
    scale = _level(weight, weight.scale, stored)
    values = array.astype(np.float32)
    if weight.zero in stored:
        values -= zero_of(weight, stored).astype(np.float32)
    np.abs(values, out=values)
    return values if scale is None else values * scale.astype(np.float32)


def _level(weight: Weight, name: str, stored: Stored) -> Array | None:
    """Return a scale or zero point so that it fits the weight; None where none does."""
    if name not in stored:
        return None
    level, dims = array_of(stored[name]), tuple(weight.tensor.dims)
    if level.size == 1:
        return level.reshape(())
    axis = weight.axis if -len(dims) <= weight.axis < len(dims) else 0
    if weight.block:
        places = np.arange(dims[axis]) // weight.block
        whole = level.ndim == len(dims) and level.shape[axis] * weight.block >= dims[axis]
        return np.take(level, places, axis=axis) if whole else None
    shape = [1] * len(dims)
    shape[axis] = level.size
    return level.reshape(shape) if level.size == dims[axis] else None
