"""What channels weigh: the squares of all weights that make or read them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from dfsrt.base.arrays import Floats, Singles
from dfsrt.network.graph import Node
from dfsrt.optimize.arrays import array_of, has_values
from dfsrt.optimize.channels.axes import Labelled

if TYPE_CHECKING:
    import onnx


def saliency(model: Labelled) -> Floats:
    """Return the squared L2 norm of each channel ``(n_labels,)``, at the label that stands for it.

    Sums are over every stored weight of two axes or more that the channel is cut out of; vectors
    such as biases and statistics do not count. Weights without values weigh nothing.
    """
    weight = np.zeros(model.roots.size)
    stored = {t.name: t for t in model.model.graph.initializer if has_values(t)}
    quantized = {n.inputs[0]: n for n in model.nodes if n.op == "DequantizeLinear"}
    for tensor in stored.values():
        axes = model.walk.axes.get(tensor.name, [])
        if len(axes) < 2 or all(axis is None for axis in axes):
            continue
        squares = np.square(_real(tensor, quantized.get(tensor.name), stored))
        for place, axis in enumerate(axes):
            if axis is not None:
                others = tuple(n for n in range(len(axes)) if n != place)
                np.add.at(weight, model.roots[axis], squares.sum(axis=others, dtype=np.float64))
    return weight


def _real(
    tensor: onnx.TensorProto, node: Node | None, stored: Mapping[str, onnx.TensorProto]
) -> Singles:
    """The values as real numbers: those of quantized weights by scales and zero points."""
    values = array_of(tensor).astype(np.float32)
    if node is None:
        return values
    scale, zero = (
        _spread(array_of(stored[name]).astype(np.float32), values, node) if name in stored else None
        for name in (*node.inputs[1:3], "")[:2]
    )
    centred = values if zero is None else values - zero
    return centred if scale is None else centred * scale


def _spread(side: Singles, values: Singles, node: Node) -> Singles:
    """One number for all, for each place of an axis, or for each block on it."""
    axis, block = node.attribute("axis", 1), node.attribute("block_size", 0)
    if block:
        return np.repeat(side, block, axis).take(range(values.shape[axis]), axis)
    if side.size == 1:
        return side.reshape(())
    shape = [1] * values.ndim
    shape[axis] = side.size
    return side.reshape(shape)
