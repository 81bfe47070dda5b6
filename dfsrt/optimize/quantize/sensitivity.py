"""What 4 bits cost a layer: noise on its outputs, from one look at its inputs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from dfsrt.base.arrays import Floats
from dfsrt.base.errors import InputError
from dfsrt.network.samples import Feeds, Tensors
from dfsrt.optimize.arrays import Array
from dfsrt.optimize.calibration import Calibration
from dfsrt.optimize.quantize.axes import channel_axis, input_axis
from dfsrt.optimize.quantize.blocks import coded_rows
from dfsrt.optimize.weights import Weight, weights_of

if TYPE_CHECKING:
    import onnx
    from onnxruntime import InferenceSession

SAMPLES = 8
"""Samples that are looked at: a mean square needs no more."""


def noises(model: onnx.ModelProto, data: Calibration) -> dict[str, float]:
    """Return, for each weight, noise over signal on its outputs with 4 bits a channel.

    A weight's error counts by the mean square of the input channel that it multiplies.

    Limits: inputs are taken as uncorrelated, and edges of images as full.

    Raises:
        InputError: the model cannot run on the data.
    """
    weights = list(weights_of(model))
    powers = _powers(model, weights, data)
    return {w.name: _noise(w, powers[w.name]) for w in weights}


def _noise(weight: Weight, power: Floats) -> float:
    array = weight.array.astype(np.float32)
    codes, scales = coded_rows(array, channel_axis(weight))
    shape = [1] * array.ndim
    shape[channel_axis(weight)] = -1
    signal = _weighted(weight, array, power)
    error = array - codes.astype(np.float32) * scales.reshape(shape).astype(np.float32)
    noise = _weighted(weight, error, power)
    return noise / signal if signal > 0 else 0.0


def _weighted(weight: Weight, array: Array, power: Floats) -> float:
    """Sum of squares of an array of the weight's shape, each by the power of what it multiplies."""
    groups = weight.groups if weight.layout == "conv" else 1  # each group has inputs of its own
    split = array.reshape(groups, -1, *array.shape[1:])
    axis = input_axis(weight) + 1
    if groups == 1:
        split, axis = array, axis - 1
    others = tuple(a for a in range(split.ndim) if a not in (axis, *((0,) if groups > 1 else ())))
    return float((np.square(split).sum(axis=others).reshape(-1) * power).sum())


def _powers(
    model: onnx.ModelProto, weights: Sequence[Weight], data: Calibration
) -> dict[str, Floats]:
    """Return the mean square of each input channel of the products, by the weights' names."""
    samples = data.first(SAMPLES).samples
    names = {w.node.input[0] for w in weights}
    stored = {t.name for t in model.graph.initializer}
    inside = sorted(names - stored - set(samples[0]))
    sums: dict[str, Floats] = {w.name: np.zeros(1) for w in weights}
    session = _session(model, inside)
    for sample in samples:
        maps = {**sample, **_maps(session, inside, sample, data.what)}
        for weight in weights:
            if weight.node.input[0] in maps:
                sums[weight.name] = sums[weight.name] + _power(weight, maps[weight.node.input[0]])
    return sums


def _power(weight: Weight, array: Array) -> Floats:
    """Mean square of each channel of a map: of the second axis of images, the last of others."""
    axis = 1 if weight.layout.startswith("conv") else array.ndim - 1
    if any(a.name == "transA" and a.i for a in weight.node.attribute):
        axis = 0
    others = tuple(a for a in range(array.ndim) if a != axis)
    return np.asarray(np.square(array, dtype=np.float64).mean(axis=others), np.float64)


def _session(model: onnx.ModelProto, names: Sequence[str]) -> InferenceSession:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    exposed = Tensors(model.graph, None).exposed(model, names or [model.graph.output[0].name])
    return onnxruntime.InferenceSession(
        exposed.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )


def _maps(
    session: InferenceSession, names: Sequence[str], sample: Feeds, what: str
) -> dict[str, Array]:
    if not names:
        return {}
    try:
        return dict(zip(names, session.run(list(names), dict(sample)), strict=True))
    except Exception as error:  # onnxruntime raises its own kinds and bare ones
        reason = " ".join(str(error).split())[:200]
        raise InputError(
            f"the model cannot run on '{what}' ({reason}); give samples of the shapes and types "
            "that it takes"
        ) from error
