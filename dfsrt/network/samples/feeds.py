"""Inputs for a capture: random values of the declared types and shapes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dfsrt.base.errors import NetworkError

if TYPE_CHECKING:
    import onnx

Feed = NDArray[np.generic]
"""One input: an array of the shape and type that the model declares."""

MAX_BYTES = 4 * 2**30
"""Inputs beyond this are taken for a size given wrongly."""


def random_feeds(inputs: Mapping[str, onnx.TypeProto], seed: int) -> dict[str, Feed]:
    """Return an array for each input; the same seed gives the same values.

    Reals are uniform from 0 to 1. Integers are 0 or 1, valid as indices into anything with two
    entries; so are booleans.

    Raises:
        NetworkError: an input of text or another type without numbers, or of absurd size.
    """
    random = np.random.default_rng(seed)
    return {name: _feed(name, kind, random) for name, kind in inputs.items()}


def _feed(name: str, kind: onnx.TypeProto, random: np.random.Generator) -> Feed:
    shape = [d.dim_value for d in kind.tensor_type.shape.dim]
    dtype = element_type(name, kind)
    if np.prod([float(size) for size in shape]) * dtype.itemsize > MAX_BYTES:
        raise NetworkError(
            f"graph input '{name}' of shape {shape} is above {MAX_BYTES:,} bytes; set smaller "
            "sizes with --dim"
        )
    if dtype.kind == "f":
        return random.random(shape).astype(dtype)
    return random.integers(0, 2, shape).astype(dtype)


def element_type(name: str, kind: onnx.TypeProto) -> np.dtype[np.generic]:
    """Return the type of an input's elements.

    Raises:
        NetworkError: text, or another type without numbers.
    """
    import onnx.helper

    element = kind.tensor_type.elem_type
    try:
        dtype = np.dtype(onnx.helper.tensor_dtype_to_np_dtype(element))
    except KeyError:
        dtype = np.dtype(object)
    if dtype.kind not in "fiub":
        type_name = onnx.TensorProto.DataType.Name(element)
        raise NetworkError(
            f"graph input '{name}' is of type {type_name}; captured are models with inputs of "
            "float16, float, double, integers or bool: convert the model's inputs"
        )
    return dtype
