"""Constants of a file: always their shape, and their values only where they are small."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper

from dfsrt.base.errors import NetworkError

VALUE_LIMIT = 1024
"""Elements up to which a constant's values are kept: shapes and scales are far smaller."""

Array = NDArray[np.generic]

NUMPY_TYPES = {
    onnx.TensorProto.FLOAT,
    onnx.TensorProto.DOUBLE,
    onnx.TensorProto.FLOAT16,
    onnx.TensorProto.INT8,
    onnx.TensorProto.INT16,
    onnx.TensorProto.INT32,
    onnx.TensorProto.INT64,
    onnx.TensorProto.UINT8,
    onnx.TensorProto.UINT16,
    onnx.TensorProto.UINT32,
    onnx.TensorProto.UINT64,
    onnx.TensorProto.BOOL,
}
"""ONNX element types that numpy has too."""


@dataclass(frozen=True, slots=True)
class Constant:
    """A constant's shape and ONNX element type; its ``value`` where small and in the file.

    Data stripped from the file leave the value unknown; so do data in a file beside it, which
    ``outside`` names, if they were not read.
    """

    shape: tuple[int, ...]
    element: int
    value: Array | None = None
    outside: str = ""

    @property
    def dtype(self) -> str:
        """The element type's plain name, numeric or not."""
        return type_name(self.element)


@lru_cache
def type_name(element: int, unknown: str = "number") -> str:
    """Return the plain name of an ONNX element type: ``float32``, ``string``, ``number 77``.

    ``unknown`` is what a type that does not exist is called by.
    """
    try:
        name: str = onnx.TensorProto.DataType.Name(element).lower()
    except ValueError:
        return f"{unknown} {element}"
    return {"float": "float32", "double": "float64"}.get(name, name)


def constant_of_array(array: Array) -> Constant:
    """Return a constant that holds ``array``."""
    element = int(onnx.helper.np_dtype_to_tensor_dtype(array.dtype))
    return Constant(array.shape, element, array if array.size <= VALUE_LIMIT else None)


def constant_of_tensor(tensor: onnx.TensorProto) -> Constant:
    """Return the constant stored in ``tensor``, without opening external data.

    Raises:
        NetworkError: a dimension is negative, or the payload does not fit the shape.
    """
    shape = tuple(tensor.dims)
    if any(size < 0 for size in shape):
        raise NetworkError(
            f"constant '{tensor.name}' has the negative shape {list(shape)}; export the file again"
        )
    outside = location(tensor) if tensor.data_location == tensor.EXTERNAL else ""
    return Constant(shape, tensor.data_type, _small_value(tensor, shape), outside)


def location(tensor: onnx.TensorProto) -> str:
    """Return the file beside the model in which a tensor's data lie."""
    return next((e.value for e in tensor.external_data if e.key == "location"), "")


def _small_value(tensor: onnx.TensorProto, shape: tuple[int, ...]) -> Array | None:
    outside = tensor.data_location == onnx.TensorProto.EXTERNAL
    if outside or tensor.data_type not in NUMPY_TYPES or math.prod(shape) > VALUE_LIMIT:
        return None
    if math.prod(shape) and not _has_payload(tensor):
        return None  # the weights were stripped; the shape is all that most constants are for
    try:
        return numpy_helper.to_array(tensor)
    except (ValueError, TypeError) as error:
        raise NetworkError(
            f"constant '{tensor.name}' holds other data than its shape {list(shape)} says; "
            "the file is broken: export it again"
        ) from error


def _has_payload(tensor: onnx.TensorProto) -> bool:
    return any(len(getattr(tensor, field)) for field in PAYLOADS)


PAYLOADS = ("raw_data", "float_data", "double_data", "int32_data", "int64_data", "uint64_data")
"""Fields of a stored tensor of which one holds its numbers."""


def constant_of_node(node: onnx.NodeProto, name: str) -> Constant:
    """Return the constant that a ``Constant`` node makes.

    Raises:
        NetworkError: the node holds no value that can be read.
    """
    for attribute in node.attribute:
        if attribute.name == "value":
            return constant_of_tensor(attribute.t)
        if attribute.name == "sparse_value":
            sparse = attribute.sparse_tensor
            return Constant(tuple(sparse.dims), sparse.values.data_type)
        if attribute.name in ("value_string", "value_strings"):
            shape = (len(attribute.strings),) if attribute.name == "value_strings" else ()
            return Constant(shape, onnx.TensorProto.STRING)
        if attribute.name in _SCALARS:
            field, dtype = _SCALARS[attribute.name]
            return constant_of_array(np.array(getattr(attribute, field), dtype))
    raise NetworkError(f"Constant node '{name}' holds no numeric value; export the file again")


_SCALARS: dict[str, tuple[str, type[np.generic]]] = {
    "value_int": ("i", np.int64),
    "value_ints": ("ints", np.int64),
    "value_float": ("f", np.float32),
    "value_floats": ("floats", np.float32),
}
