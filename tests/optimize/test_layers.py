"""Bits and zeros layer by layer: as typed, as stored, and what one layer alone does to outputs."""

from __future__ import annotations

import numpy as np
import onnx
import pytest

from dfsrt.base.errors import InputError
from dfsrt.optimize import apply_steps, parse_steps, steps_text
from dfsrt.optimize.arrays import array_of
from dfsrt.optimize.layer_choice import LayerChoice, parse_choice, parse_choices
from dfsrt.optimize.layer_noise import layer_noises
from dfsrt.optimize.layers import Chooser, layer_weights, ready_for_layers
from dfsrt.optimize.weights import weights_of
from dfsrt.testing.models import odd_models, random_calibration


@pytest.fixture(scope="module")
def model():
    return odd_models()["convolutions and a residual"]


def test_a_choice_is_read_as_it_is_written():
    for text in ("8", "4", "8x2of4", "4x0.5"):
        assert str(parse_choice(text)) == text
    assert parse_choices("8/4x2of4") == (LayerChoice(8), LayerChoice(4, "2of4"))
    assert parse_choice("8x2of4").stored_bits == 5  # 2 of 4 values, with 2 bits each
    assert parse_choice("4x0.5").stored_bits == 3  # half of them, and a bit that says which


@pytest.mark.parametrize("text", ["", "8x", "16", "8x1.5", "8/", "8x2of"])
def test_other_choices_are_refused(text):
    with pytest.raises(InputError, match="no choice for a layer's weights"):
        parse_choices(text)


def test_each_layer_gets_its_own_bits_and_zeros(model):
    data = random_calibration(model)
    count = len(layer_weights(ready_for_layers(model)))
    texts = ["4", *["8"] * (count - 2), "8x0.5"]
    steps = parse_steps(f"layers:weights={'/'.join(texts)}")
    assert parse_steps(steps_text(steps)) == steps
    *_, last = apply_steps(model, steps, data)
    weights = list(weights_of(last.model))
    kinds = [w.tensor.data_type for w in weights]
    assert kinds == [onnx.TensorProto.INT4, *[onnx.TensorProto.INT8] * (count - 1)]
    zeros = [float((w.array == 0).mean()) for w in weights]
    assert zeros[-1] >= 0.5 and max(zeros[:-1]) < 0.3


def test_a_number_of_choices_that_is_not_that_of_layers_is_refused(model):
    with pytest.raises(InputError, match="give one for each, or one for all"):
        parse_steps("layers:weights=8/8")[0].apply(model, random_calibration(model))
    with pytest.raises(InputError, match="use 8 or 16"):
        parse_steps("layers:maps=12")


def test_noise_of_a_layer_alone_is_that_of_a_model_in_which_it_is_replaced(model):
    """Against one session for each: written into a copy, run, and compared by a plain loop."""
    import onnxruntime

    data = random_calibration(model, samples=3)
    ready = ready_for_layers(model)
    noises = layer_noises(Chooser(ready, data), [LayerChoice(4)])
    weight, mine = layer_weights(ready)[1], noises[1]
    copy = onnx.ModelProto()
    copy.CopyFrom(ready)
    tensor = next(t for t in copy.graph.initializer if t.name == weight.name)
    values = array_of(tensor).copy()
    for output in range(values.shape[0]):
        scale = np.abs(values[output]).max() / 7
        values[output] = np.round(values[output] / scale) * scale
    tensor.CopyFrom(onnx.numpy_helper.from_array(values, tensor.name))
    signal = error = 0.0
    for sample in data.samples:
        whole, changed = (
            onnxruntime.InferenceSession(m.SerializeToString()).run(None, dict(sample))[0]
            for m in (ready, copy)
        )
        signal += float((whole.astype(float) ** 2).sum())
        error += float(((whole - changed).astype(float) ** 2).sum())
    assert mine[LayerChoice(4)] == pytest.approx(error / signal, rel=1e-3)
