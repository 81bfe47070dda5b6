"""Weights that a file stores in another way than others do, as initializers like them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from dfsrt.base.errors import NetworkError
from dfsrt.optimize.arrays import array_of, has_values

if TYPE_CHECKING:
    import onnx

LARGEST_BYTES = 2**31 - 1
_OWN_NAMES = 4
"""Version of the format from which on an initializer need not be an input as well."""


def with_dense(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return a copy with sparse initializers written out, and matrices of ``Constant`` nodes.

    The model itself where it has none of these.

    Raises:
        NetworkError: a sparse tensor that is too large, or whose values do not fit its shape.
    """
    import onnx

    nodes = [n for n in model.graph.node if _matrix(n) is not None]
    sparse = [s for s in model.graph.sparse_initializer if has_values(s.values)]
    if not nodes and not sparse:
        return model
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    graph = copy.graph
    for node in [n for n in graph.node if _matrix(n) is not None]:
        graph.initializer.add().CopyFrom(_named(node))
        graph.node.remove(node)
    for tensor in [s for s in graph.sparse_initializer if has_values(s.values)]:
        graph.initializer.add().CopyFrom(_written_out(tensor))
        graph.sparse_initializer.remove(tensor)
    copy.ir_version = max(copy.ir_version, _OWN_NAMES)
    return copy


def _matrix(node: onnx.NodeProto) -> onnx.TensorProto | None:
    """The matrix that a ``Constant`` node holds, or None."""
    if node.op_type != "Constant" or node.domain not in ("", "ai.onnx"):
        return None
    tensors = (a.t for a in node.attribute if a.name == "value")
    return next((t for t in tensors if len(t.dims) > 1 and has_values(t)), None)


def _named(node: onnx.NodeProto) -> onnx.TensorProto:
    import onnx

    tensor = onnx.TensorProto()
    tensor.CopyFrom(_matrix(node) or tensor)
    tensor.name = node.output[0]
    return tensor


def _written_out(sparse: onnx.SparseTensorProto) -> onnx.TensorProto:
    """Indices are places in the whole tensor, or a row of coordinates for each value."""
    from onnx import numpy_helper

    shape = tuple(sparse.dims)
    values, indices = array_of(sparse.values), array_of(sparse.indices)
    if math.prod(shape) * values.itemsize > LARGEST_BYTES:
        raise NetworkError(
            f"the sparse tensor '{sparse.values.name}' of shape {list(shape)} is too large to be "
            f"written out; allowed are {LARGEST_BYTES:,} bytes, what a model's file can hold"
        )
    dense = np.zeros(shape, values.dtype)
    try:
        flat = np.ravel_multi_index(tuple(indices.T), shape) if indices.ndim > 1 else indices
        if len(values) and not 0 <= int(flat.min()) <= int(flat.max()) < math.prod(shape):
            raise ValueError
        dense.reshape(-1)[flat] = values
    except (ValueError, IndexError) as error:
        raise NetworkError(
            f"the sparse tensor '{sparse.values.name}' has values that lie outside its shape "
            f"{list(shape)}; export the file again"
        ) from error
    return numpy_helper.from_array(dense, sparse.values.name)
