"""Open last axes that the weights behind them decide: of a product, or of a recurrent layer."""

from __future__ import annotations

from collections.abc import Mapping

import onnx

_KEEPS_LAST_AXIS = {
    *("Add", "Cast", "Div", "Identity", "Mul", "Relu", "Slice", "Squeeze", "Sub", "Unsqueeze"),
    *("Dropout", "LayerNormalization", "Tanh", "Sigmoid"),
}
"""Operators behind which the last axis most often is the one it was."""
_RECURRENT = {"GRU", "LSTM", "RNN", "DynamicQuantizeLSTM"}
MOST_STEPS = 100


def feature_sizes(graph: onnx.GraphProto) -> dict[str, int]:
    """Return for inputs by name how long the first weights that read them say their last axis is.

    Limits: a guess, where operators between turn or join axes.
    """
    weights = {t.name: tuple(t.dims) for t in graph.initializer}
    readers: dict[str, list[onnx.NodeProto]] = {}
    for node in graph.node:
        for name in node.input[:1]:
            readers.setdefault(name, []).append(node)
    sizes = ((i.name, _size(i.name, readers, weights)) for i in graph.input)
    return {name: size for name, size in sizes if size}


def _size(
    name: str,
    readers: Mapping[str, list[onnx.NodeProto]],
    weights: Mapping[str, tuple[int, ...]],
) -> int:
    """Follow a tensor to the first weight; 0 where there is none."""
    waiting, steps = [name], 0
    while waiting and steps < MOST_STEPS:
        for node in readers.get(waiting.pop(0), ()):
            steps += 1
            shape = weights.get(node.input[1], ()) if len(node.input) > 1 else ()
            if size := _taken(node, shape):
                return size
            if node.op_type in _KEEPS_LAST_AXIS and node.output:
                waiting.append(node.output[0])
    return 0


def _taken(node: onnx.NodeProto, shape: tuple[int, ...]) -> int:
    """How many elements an operator takes of its operand's last axis, by its weight's shape."""
    if node.op_type == "MatMul" and len(shape) >= 2:
        return shape[-2]
    if node.op_type == "Gemm" and len(shape) == 2:
        return shape[1 if any(a.name == "transB" and a.i for a in node.attribute) else 0]
    if node.op_type in _RECURRENT and len(shape) == 3:
        return shape[1 if node.op_type == "DynamicQuantizeLSTM" else 2]
    return 0
