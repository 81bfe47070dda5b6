"""Channels masked before they are cut: nothing reads them, and what still does may be refitted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dfsrt.base.arrays import Mask
from dfsrt.optimize.arrays import with_arrays
from dfsrt.optimize.channels.axes import Labelled
from dfsrt.optimize.channels.labels import Axis
from dfsrt.optimize.levels import zero_of
from dfsrt.optimize.weight import Weight
from dfsrt.optimize.weights import PRODUCTS, weights_of

if TYPE_CHECKING:
    import onnx

_SIDES = {"conv": (0, 1), "conv-transpose": (1, 0), "rows": (-2, -1), "columns": (-1, -2)}
"""Axes of outputs and of inputs of a weight, by its layout."""


def masked(model: Labelled, kept: Mask) -> tuple[onnx.ModelProto, dict[str, Mask]]:
    """Return a copy whose products ignore what is not ``kept``, ``(n_labels,)``, and what may move.

    That is of each weight that reads such a channel the elements between channels that stay,
    ``(n_outputs, n_inputs)``.
    """
    arrays, freedoms = {}, {}
    stored = {tensor.name: tensor for tensor in model.model.graph.initializer}
    for weight in weights_of(model.model):
        if weight.node.op_type not in PRODUCTS:
            continue
        outputs, inputs = _sides(model, weight, kept)
        if not inputs.all():
            arrays[weight.name] = np.where(inputs, weight.array, zero_of(weight, stored))
            stays = np.broadcast_to(outputs & inputs, weight.array.shape)
            freedoms[weight.name] = np.ascontiguousarray(weight.matrix(stays), np.bool_)
    return with_arrays(model.model, arrays), freedoms


def _sides(model: Labelled, weight: Weight, kept: Mask) -> tuple[Mask, Mask]:
    """Which outputs and which inputs stay, each spread along its own axis of the weight."""
    axes = model.walk.axes.get(weight.name, [None] * weight.array.ndim)
    outputs, inputs = (
        _spread(axes[place], place, len(axes), kept) for place in _SIDES[weight.layout]
    )
    return outputs, inputs


def _spread(axis: Axis, place: int, rank: int, kept: Mask) -> Mask:
    shape = [1] * rank
    if axis is None:
        return np.ones(shape, np.bool_)
    shape[place] = axis.size
    return kept[axis].reshape(shape)


def take_values(model: onnx.ModelProto, refitted: onnx.ModelProto) -> None:
    """Give the initializers of ``model`` the values of those of ``refitted``, in place."""
    values = {tensor.name: tensor for tensor in refitted.graph.initializer}
    for tensor in model.graph.initializer:
        tensor.CopyFrom(values[tensor.name])
