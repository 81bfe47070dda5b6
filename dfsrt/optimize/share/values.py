"""Values of a model shared."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dfsrt.base.arrays import Floats, Ints, Singles
from dfsrt.base.errors import InputError
from dfsrt.optimize.arrays import Array, with_arrays
from dfsrt.optimize.levels import Stored, zero_of
from dfsrt.optimize.share.clusters import centers_of
from dfsrt.optimize.share.policy import Policy
from dfsrt.optimize.weights import PRODUCTS, Weight, weights_of

if TYPE_CHECKING:
    import onnx

CHUNK = 1 << 22
"""Elements of rows that are worked on at once."""
_FEW = 32


def shared(model: onnx.ModelProto, policy: Policy) -> tuple[onnx.ModelProto, str]:
    """Return the model with shared values, and a line on the layers left as they are, if any are.

    Raises:
        InputError: a model of which no layer gets smaller, or a weight that is not finite.
    """
    stored = {t.name: t for t in model.graph.initializer}
    weights = list(weights_of(model))
    fit = policy.fitting(weights)
    arrays: dict[str, Array] = {}
    for weight in fit.of(weights):
        array = _shared(weight, stored, policy)
        if not np.array_equal(array, weight.array):
            arrays[weight.name] = array
    return with_arrays(model, arrays), fit.note


def labels_of(
    original: onnx.ModelProto, smaller: onnx.ModelProto, policy: Policy
) -> dict[str, Ints]:
    """Return which elements share a value, ``(n_outputs, n_inputs)``, of what sharing changed.

    Zeros are -1: they stay. Only of weights of numbers: what is quantized is not refitted.
    """
    before = {t.name: t for t in original.graph.initializer}
    labels: dict[str, Ints] = {}
    for weight in weights_of(smaller):
        numbers = weight.node.op_type in PRODUCTS and not weight.scale
        if numbers and weight.tensor != before[weight.name]:
            matrix = weight.matrix(weight.array)
            values = np.unique(matrix)
            label = np.searchsorted(values, matrix)
            if policy.by_channel:
                label += np.arange(len(matrix))[:, None] * len(values)
            labels[weight.name] = np.where(matrix == 0, -1, label)
    return labels


def _shared(weight: Weight, stored: Stored, policy: Policy) -> Array:
    """The weight with few values, in its own shape."""
    array, zero = weight.array, zero_of(weight, stored)
    numbers = array.astype(np.float32)
    if weight.zero in stored:
        numbers -= zero.astype(np.float32)
    if not np.isfinite(numbers).all():
        raise InputError(
            f"weight '{weight.name}' has values that are no finite numbers, so that no mean is "
            "near them; export the model again"
        )
    if not policy.by_channel:
        few = _few_values(numbers.reshape(1, -1), policy.values)
        values: Array = few.reshape(array.shape)
    else:
        matrix = np.ascontiguousarray(weight.matrix(numbers), np.float32)
        rows = max(CHUNK // matrix.shape[1], 1)
        for start in range(0, len(matrix), rows):
            chunk = matrix[start : start + rows]
            chunk[:] = _few_values(chunk, policy.values)
        values = weight.tensor_of(matrix)
    if array.dtype.kind in "iu" or weight.bits < 8:
        values = np.round(values.astype(np.float32)) + zero.astype(np.float32)
    return values.astype(array.dtype)


def _few_values(rows: Singles, count: int) -> Singles:
    """Rows ``(n_rows, n_values)`` with ``count`` values each, zero among them where it occurs."""
    zero = rows == 0
    sparse = bool(zero.any())
    centers = centers_of(rows, count - sparse, sparse)
    nearest = _nearest(rows, centers)
    values = np.take_along_axis(centers.astype(np.float32), nearest, axis=1)
    values[zero] = 0
    return values


def _nearest(rows: Singles, centers: Floats) -> Ints:
    """Which of sorted ``centers`` ``(n_rows, n_centers)`` is nearest to each value."""
    borders = ((centers[:, 1:] + centers[:, :-1]) / 2).astype(np.float32)
    if len(rows) == 1 and borders.shape[1] > _FEW:
        return np.searchsorted(borders[0], rows)
    nearest = np.zeros(rows.shape, np.uint8)
    for border in borders.T:
        nearest += rows > border[:, None]
    return nearest.astype(np.intp)
