"""Where numbers that a layer reads quantized can be looked at, in the graph of their file."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from dfsrt.network.tensor import INDEX_TYPES, PRECISION_OF, Tensor

if TYPE_CHECKING:
    import onnx


_DECODES = "DequantizeLinear"


def quantized_as(graph: onnx.GraphProto, tensors: Iterable[Tensor]) -> dict[str, str]:
    """Return the name under which each of ``tensors`` is quantized, where that is another one.

    A layer knows such a tensor by what it is made of, and a ReLU may be in the quantization. Where
    it is dequantized again, zero is 0.
    """
    readers: dict[str, list[onnx.NodeProto]] = {}
    for node in graph.node:
        for name in node.input[:1]:
            readers.setdefault(name, []).append(node)
    others = {name for node in graph.node for name in node.input[1:]}
    names = {}
    for tensor in tensors:
        after = readers.get(tensor.name, [])
        quantized = {node.output[0] for node in after if node.op_type == "QuantizeLinear"}
        if _is_integer(tensor) and len(after) == len(quantized) == 1 and tensor.name not in others:
            (name,) = quantized
            decoded = (n.output[0] for n in readers.get(name, []) if n.op_type == _DECODES)
            names[tensor.name] = next(decoded, name)
    return names


def _is_integer(tensor: Tensor) -> bool:
    return tensor.dtype not in INDEX_TYPES and PRECISION_OF[tensor.dtype].startswith("int")
