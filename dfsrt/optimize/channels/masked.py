"""Channels masked before they are cut: nothing reads them, and what still does may be refitted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dfsrt.base.arrays import Mask
from dfsrt.optimize.arrays import Array, array_of, has_values, with_arrays
from dfsrt.optimize.channels.axes import Labelled
from dfsrt.optimize.channels.labels import Axes
from dfsrt.optimize.levels import zero_of
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
    freedoms: dict[str, Mask] = {}
    arrays = _others(model, kept)
    stored = {tensor.name: tensor for tensor in model.model.graph.initializer}
    for weight in weights_of(model.model):
        array, axes = weight.array, model.walk.axes.get(weight.name, [])
        sides = _SIDES[weight.layout]
        outputs, inputs = (_stays(axes, [side], array.ndim, kept) for side in sides)
        arrays.pop(weight.name, None)
        if inputs.all():
            continue
        arrays[weight.name] = np.where(inputs, array, zero_of(weight, stored))
        if weight.node.op_type in PRODUCTS:
            stays = np.broadcast_to(outputs & inputs, array.shape)
            freedoms[weight.name] = np.ascontiguousarray(weight.matrix(stays), np.bool_)
    return with_arrays(model.model, arrays), freedoms


def _others(model: Labelled, kept: Mask) -> dict[str, Array]:
    """All stored tensors of two axes or more with zeros on all sides: weights by other ways."""
    arrays = {}
    for tensor in model.model.graph.initializer:
        axes, rank = model.walk.axes.get(tensor.name, []), len(tensor.dims)
        stays = _stays(axes, range(rank), rank, kept)
        if rank > 1 and has_values(tensor) and not stays.all():
            array = array_of(tensor)
            arrays[tensor.name] = np.where(stays, array, np.zeros((), array.dtype))
    return arrays


def _stays(axes: Axes, places: list[int] | range, rank: int, kept: Mask) -> Mask:
    """What stays along some axes of a tensor, of a shape that fits it."""
    stays = np.ones((1,) * rank, np.bool_)
    for place in places if axes else ():
        axis = axes[place]
        if axis is not None:
            shape = [1] * rank
            shape[place] = axis.size
            stays = stays & kept[axis].reshape(shape)
    return stays


def take_values(model: onnx.ModelProto, refitted: onnx.ModelProto) -> None:
    """Give the initializers of ``model`` the values of those of ``refitted``, in place."""
    values = {tensor.name: tensor for tensor in refitted.graph.initializer}
    for tensor in model.graph.initializer:
        tensor.CopyFrom(values[tensor.name])
