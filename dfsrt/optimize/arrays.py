"""Stored arrays of a model in memory: read, and replaced in a copy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dfsrt.base.errors import NetworkError
from dfsrt.network.file.constants import PAYLOADS

if TYPE_CHECKING:
    import onnx

Array = NDArray[np.generic]


def has_values(tensor: onnx.TensorProto) -> bool:
    """Whether a stored tensor has its numbers in memory, not its shape alone."""
    outside = tensor.data_location == tensor.EXTERNAL
    return not outside and any(len(getattr(tensor, field)) for field in PAYLOADS)


def array_of(tensor: onnx.TensorProto) -> Array:
    """Return the values of a stored tensor, of any shape.

    Raises:
        NetworkError: other data than its shape says.
    """
    from onnx import numpy_helper

    try:
        return np.asarray(numpy_helper.to_array(tensor))
    except (ValueError, TypeError) as error:
        raise NetworkError(
            f"tensor '{tensor.name}' holds other data than its shape says; export the file again"
        ) from error


def with_arrays(model: onnx.ModelProto, arrays: Mapping[str, Array]) -> onnx.ModelProto:
    """Return a copy of ``model`` with other values, of any shape, of some of its initializers."""
    import onnx
    from onnx import numpy_helper

    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    for tensor in copy.graph.initializer:
        if tensor.name in arrays:
            values = np.ascontiguousarray(arrays[tensor.name])
            tensor.CopyFrom(numpy_helper.from_array(values, tensor.name))
    return copy
