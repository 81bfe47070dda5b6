"""What a choice for one layer alone does to a model's outputs: one forward pass for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from dfsrt.base.arrays import Floats
from dfsrt.base.errors import InputError
from dfsrt.optimize.arrays import Array
from dfsrt.optimize.layer_choice import LayerChoice
from dfsrt.optimize.layers import Chooser, layer_constants, layer_weights
from dfsrt.optimize.weights import Weight

if TYPE_CHECKING:
    import onnx
    import onnxruntime

LOOKED = 8
"""Samples that are looked at: what is wanted is an order, not a figure."""


def layer_noises(
    chooser: Chooser, choices: Sequence[LayerChoice], *, refit: bool = False
) -> list[dict[LayerChoice, float]]:
    """Return noise over signal at the outputs for each layer's weights, by choice.

    A choice that leaves a layer's zeros as they are, as pruning does depthwise ones, is left out
    where it is sparse.

    Limits: every other layer stays in full precision, and so do maps.

    Raises:
        InputError: a step that applies to no layer, or samples that do not fit.
    """
    model, data = chooser.model, chooser.data
    weights = layer_weights(model)
    session, outputs = _open(model, weights), [o.name for o in model.graph.output]
    samples = [dict(sample) for sample in data.samples[:LOOKED]]
    pruned = {c.prune: chooser.pruned(c.prune, refit) for c in choices}

    def ran(feeds: Mapping[str, object]) -> list[Array]:
        try:
            return [x for s in samples for x in session.run(outputs, {**s, **feeds})]
        except Exception as error:  # onnxruntime raises its own kinds and bare ones
            reason = " ".join(str(error).split())[:200]
            raise InputError(
                f"the model cannot run on '{data.what}' ({reason}); give samples of the shapes "
                "and types that it takes"
            ) from error

    whole = ran({})
    noises: list[dict[LayerChoice, float]] = []
    for weight in weights:
        mine: dict[LayerChoice, float] = {}
        for choice in choices:
            array = pruned[choice.prune][weight.name]
            if choice.prune and np.count_nonzero(array) == np.count_nonzero(weight.array):
                continue
            moved = {n: pruned[choice.prune][n] for n in layer_constants(model, weight)}
            moved[weight.name] = rounded(weight, array, choice.bits)
            mine[choice] = _noise(whole, ran(moved))
        noises.append(mine)
    return noises


def rounded(weight: Weight, array: Array, bits: int) -> Array:
    """Return values of the weight's shape as so many bits leave them, a scale for each output."""
    matrix: Floats = weight.matrix(array).astype(np.float64)
    most = 2 ** (bits - 1) - 1
    scale = np.abs(matrix).max(axis=1, keepdims=True) / most
    steps = np.divide(matrix, scale, out=np.zeros_like(matrix), where=scale > 0)
    return weight.tensor_of((np.rint(steps) * scale).astype(array.dtype))


def _open(model: onnx.ModelProto, weights: Sequence[Weight]) -> onnxruntime.InferenceSession:
    """Open the model with its weights as inputs that have a default: one session for all."""
    import onnx
    import onnxruntime

    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    moved = {name for weight in weights for name in layer_constants(model, weight)}
    for tensor in model.graph.initializer:
        if tensor.name in moved:
            value = onnx.helper.make_tensor_value_info(
                tensor.name, tensor.data_type, list(tensor.dims)
            )
            copy.graph.input.append(value)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(copy.SerializeToString(), options)


def _noise(whole: Sequence[Array], changed: Sequence[Array]) -> float:
    pairs = [
        (np.asarray(x, np.float64), np.asarray(y, np.float64))
        for x, y in zip(whole, changed, strict=True)
        if x.dtype.kind == "f"
    ]
    signal = sum(float(np.square(x).sum()) for x, _ in pairs)
    error = sum(float(np.square(x - y).sum()) for x, y in pairs)
    return error / signal if signal > 0 else error
