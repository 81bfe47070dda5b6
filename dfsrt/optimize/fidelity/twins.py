"""Twins: tensors that a model and a smaller one made from it both have."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from dfsrt.network.graph import unique_names
from dfsrt.network.samples import Tensors

if TYPE_CHECKING:
    import onnx

PRODUCTS = ("Conv", "ConvTranspose", "Gemm", "MatMul", "LSTM", "GRU", "RNN")
_FOLDED = ("BatchNormalization", "Add", "Mul", "Sub", "Div", "Identity")
"""What a product may take in where the other operands are constants."""
_ACTIVATIONS = ("Relu", "Clip")
"""What quantizing a product's output may do in passing."""


@dataclass(frozen=True, slots=True)
class Twin:
    """What a layer with a product makes: its node's name, and the tensor in both models."""

    layer: str
    original: str
    smaller: str


@dataclass(frozen=True)
class _Graph:
    graph: onnx.GraphProto

    @cached_property
    def tensors(self) -> Tensors:
        return Tensors(self.graph, None)

    @cached_property
    def readers(self) -> dict[str, list[onnx.NodeProto]]:
        readers: dict[str, list[onnx.NodeProto]] = {o.name: [] for o in self.graph.output}
        for node in self.graph.node:
            for name in node.input:
                readers.setdefault(name, []).append(node)
        return readers

    @cached_property
    def constants(self) -> set[str]:
        """What is stored, and what is worked out from that alone; nodes come in order."""
        constants = {"", *self.tensors.stored}
        for node in self.graph.node:
            if node.input and constants.issuperset(node.input):
                constants.update(node.output)
        return constants

    @cached_property
    def left(self) -> set[str]:
        return {output.name for output in self.graph.output}

    def only_reader(self, tensor: str) -> onnx.NodeProto | None:
        readers = self.readers.get(tensor, [])
        return readers[0] if len(readers) == 1 and tensor not in self.left else None


def twins(original: onnx.ModelProto, smaller: onnx.ModelProto) -> tuple[list[Twin], int]:
    """Return what the layers with products make in both models, and how many the smaller one lacks.

    A layer's constants and activation after its product belong to it, as far as both models show.

    Limits: products at the graph's top level.
    """
    first, second = _Graph(original.graph), _Graph(smaller.graph)
    names = unique_names(original.graph.node)
    pairs, lacking = [], 0
    for node, layer in zip(original.graph.node, names, strict=True):
        if node.op_type not in PRODUCTS or not node.output or not node.output[0]:
            continue
        chain = [(tensor, _twin(tensor, first, second)) for tensor in _chain(node, first)]
        both = [Twin(layer, tensor, twin) for tensor, twin in chain if twin]
        pairs += both[-1:]
        lacking += not both
    return pairs, lacking


def _chain(node: onnx.NodeProto | None, first: _Graph) -> Iterator[str]:
    """What a product makes, and what becomes of that in its own layer."""
    while node is not None:
        tensor = node.output[0]
        yield tensor
        node = first.only_reader(tensor)
        if node is None or node.op_type not in (*_FOLDED, *_ACTIVATIONS):
            return
        if not first.constants.issuperset(set(node.input) - {tensor}):
            return


def _twin(tensor: str, first: _Graph, second: _Graph) -> str | None:
    """What the smaller model has in place of a tensor; None where it has nothing.

    Where quantizing took an activation in, a tensor has its name before it is quantized, and its
    values after.
    """
    made = second.tensors.made
    if tensor not in made:
        renamed = f"{tensor}_QuantizeLinear_Input"
        return renamed if renamed in made else None
    activated = first.tensors.made[tensor].op_type
    if activated not in _ACTIVATIONS or made[tensor].op_type == activated:
        return tensor
    quantized = second.only_reader(tensor)
    restored = quantized and second.only_reader(quantized.output[0])
    if restored is None or restored.op_type != "DequantizeLinear":
        return None
    return str(restored.output[0])
