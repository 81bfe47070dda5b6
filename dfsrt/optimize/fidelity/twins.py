"""Twins: tensors that a model and a smaller one made from it both have."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dfsrt.network.graph import unique_names

if TYPE_CHECKING:
    import onnx

PRODUCTS = {
    "Conv", "ConvTranspose", "Gemm", "MatMul", "LSTM", "GRU", "RNN",
}  # fmt: skip
_FOLDED = {"Add", "BatchNormalization", "Mul", "Sub", "Div"}
"""What preparation folds into the product before it, which then makes what they made."""
_QUANTIZED = ("_QuantizeLinear_Input", "_DequantizeLinear_Output")
"""What onnxruntime's quantizer calls a tensor, or what it becomes, where the name is taken."""


@dataclass(frozen=True, slots=True)
class Twin:
    """The output of a product: its layer's name, and the tensor in both models."""

    layer: str
    original: str
    smaller: str


def twins(original: onnx.ModelProto, smaller: onnx.ModelProto) -> tuple[list[Twin], int]:
    """Return the products' outputs that both models have, and how many the smaller one lacks.

    Limits: products at the graph's top level.
    """
    made = {name for node in smaller.graph.node for name in node.output if name}
    readers = Counter(name for node in original.graph.node for name in node.input)
    reads = {name: node for node in original.graph.node for name in node.input}
    names = unique_names(original.graph.node)
    pairs, lacking = [], 0
    for node, layer in zip(original.graph.node, names, strict=True):
        if node.op_type not in PRODUCTS or not node.output or not node.output[0]:
            continue
        tensor = node.output[0]
        twin = _twin(tensor, made)
        while twin is None and readers[tensor] == 1 and reads[tensor].op_type in _FOLDED:
            tensor = reads[tensor].output[0]
            twin = _twin(tensor, made)
        if twin is None:
            lacking += 1
        else:
            pairs.append(Twin(layer, tensor, twin))
    return pairs, lacking


def _twin(tensor: str, made: set[str]) -> str | None:
    names = (tensor, *(tensor + ending for ending in _QUANTIZED))
    return next((name for name in names if name in made), None)
