"""Quantized files answer as the network did, cost what dfsrt says of int8, and hide no trap."""

from __future__ import annotations

import errno
import logging
import tempfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest

import dfsrt
from dfsrt.base.errors import InputError, OutputError
from dfsrt.cost.memory import network_traffic
from dfsrt.device import load_device
from dfsrt.network import from_onnx_model
from dfsrt.optimize import Calibration, apply_steps, parse_steps, sized_by_steps
from dfsrt.optimize.quantize import static
from dfsrt.optimize.quantize.reader import Reader
from dfsrt.testing.models import odd_models, random_calibration
from tests.network.builders import Builder
from tests.optimize.networks import conv, digits_like, filled, resnet_like

RESIDUAL = "convolutions and a residual"


def applied(step, model, samples=8):
    return parse_steps(step)[0].apply(model, random_calibration(model, samples))


def answers(model, samples=16):
    session = onnxruntime.InferenceSession(model.SerializeToString())
    data = random_calibration(model, samples, seed=7).samples
    return np.concatenate([session.run(None, dict(s))[0].ravel() for s in data])


def sqnr_db(model, smaller):
    exact = answers(model)
    return 10 * np.log10(np.square(exact).sum() / np.square(exact - answers(smaller)).sum())


def test_answers_are_the_better_the_more_bits():
    model = odd_models()[RESIDUAL]
    steps = ("w8a16", "int8", "mixed:bits=6", "w4a8")
    quality = [sqnr_db(model, applied(step, model)) for step in steps]
    assert quality == sorted(quality, reverse=True)
    assert quality[1] > 30
    assert min(quality[3], sqnr_db(model, applied("int4", model))) > 15


@pytest.mark.parametrize("calibration", ["minmax", "percentile", "entropy"])
def test_every_calibration_keeps_the_answers_and_standard_output_clean(calibration, capfd):
    model = odd_models()[RESIDUAL]
    smaller = applied(f"int8:calibration={calibration}", model)
    assert tuple(capfd.readouterr()) == ("", "")
    assert sqnr_db(model, smaller) > 25


@pytest.mark.parametrize("device", ["rk3588-npu", "ethos-u55-256"])
@pytest.mark.parametrize("make", [digits_like, resnet_like])
def test_int8_costs_what_dfsrt_s_own_conversion_costs(make, device):
    model = make()
    file = from_onnx_model(applied("int8", model, 2), "file")
    own = from_onnx_model(model, "own").as_precision("int8")
    ours, theirs = (
        dfsrt.run(network, device=device, governor="dfs", frames=1).report
        for network in (own, file)
    )
    assert theirs.fps == pytest.approx(ours.fps, rel=0.01)
    assert theirs.energy_j == pytest.approx(ours.energy_j, rel=0.01)


@pytest.mark.parametrize("device", ["ethos-u55-256", "rk3588-npu"])
def test_scales_and_biases_of_a_file_fetch_what_the_device_keeps_for_a_channel(device):
    """An Ethos-U55 has 10 bytes for each, whatever widths a file has; others fetch the file's."""
    model, npu = digits_like(), load_device(device)
    own = from_onnx_model(model, "own").as_precision("int8")
    file = from_onnx_model(applied("int8", model, 2), "file")
    ours, theirs = (
        sum(t.dram_bytes for t in network_traffic(network, npu)[1]) for network in (own, file)
    )
    assert theirs == ours if device == "ethos-u55-256" else ours < theirs < 1.05 * ours


def batched(b):
    return b.op("MatMul", b.input("x", [4, 8, 64]), b.weight(4, 64, 32))


def transposed_in_groups(b):
    x = b.input("x", [1, 64, 5, 5])
    return b.op("ConvTranspose", x, b.weight(64, 16, 2, 2), b.weight(32), group=2, strides=[2, 2])


def joined(b):
    ones = [conv(b, b.input(name, [1, 8, 6, 6]), 8, 8) for name in "xy"]
    return conv(b, b.op("Relu", b.op("Concat", *ones, axis=1)), 16, 8)


@pytest.mark.parametrize("build", [batched, transposed_in_groups, joined])
@pytest.mark.parametrize("step", ["int8", "w4a8", "int4:block=8"])
def test_odd_products_are_quantized_too_and_their_sizes_known(build, step):
    b = Builder()
    model = filled(b.model(build(b)))
    smaller = applied(step, model)
    sized = sized_by_steps(from_onnx_model(model, "t"), parse_steps(step))
    file = from_onnx_model(smaller, "file")
    assert (file.macs, file.weight_bytes) == (sized.macs, sized.weight_bytes)
    assert sqnr_db(model, smaller) > 10


def test_probabilities_of_many_classes_do_not_become_zero():
    b = Builder()
    y = b.op("MatMul", b.input("x", [1, 64]), b.weight(64, 1000))
    model = filled(b.model(b.op("Softmax", y)))
    for node in model.graph.node:
        node.name = ""
    smaller = applied("int8", model)
    assert sqnr_db(model, smaller) > 20
    products = [a for a in from_onnx_model(smaller, "t").layers if a.gemms]
    assert [a.precision for a in products] == ["int8"]


@pytest.mark.parametrize("opset", [9, 11])
def test_an_old_operator_set_does_not_break_scales_by_channel(opset):
    """Below 13 onnxruntime's tool writes a file that does not load, and says nothing."""
    model = odd_models()[RESIDUAL]
    model.opset_import[0].version = opset
    smaller = applied("int8", model)
    assert sqnr_db(odd_models()[RESIDUAL], smaller) > 30


def test_an_operator_set_that_cannot_be_converted_is_one_clear_line():
    model = odd_models()[RESIDUAL]
    model.opset_import[0].version = 5
    with pytest.raises(InputError, match=r"operator set 5, the step needs 17.*export"):
        applied("int8", model)


@pytest.mark.parametrize("calibration", ["minmax", "percentile"])
def test_a_second_look_at_the_same_samples_changes_nothing(calibration, monkeypatch):
    """However many are in memory at once: ranges join, histograms of the same ranges add up."""
    model = odd_models()["products of odd rows"]
    data = random_calibration(model, 16)
    twice = Calibration(data.samples * 2, "twice")
    step = parse_steps(f"int8:calibration={calibration}")[0]
    once = step.apply(model, data).SerializeToString(deterministic=True)
    monkeypatch.setattr(static, "_RANGES", 16)
    assert step.apply(model, twice).SerializeToString(deterministic=True) == once


def test_a_first_sample_of_tiny_numbers_makes_no_histogram_of_tiny_bins():
    model = odd_models()["products of odd rows"]
    (sample,) = random_calibration(model, 1).samples
    tiny = {"x": sample["x"] * np.float32(1e-6)}
    for samples in ((tiny, sample), (sample, tiny)):
        ranges = Reader(Calibration(samples, "t"))
        assert ranges.get_next()["x"] is sample["x"]
        assert ranges.get_next()["x"] is tiny["x"]
        assert ranges.get_next() is None


def test_norms_are_folded_and_every_product_is_quantized():
    """Without preparation, much would stay in fp32, silently."""
    smaller = applied("int8", odd_models()[RESIDUAL])
    made = {n.output[0]: n.op_type for n in smaller.graph.node}
    products = [n for n in smaller.graph.node if n.op_type in ("Conv", "Gemm")]
    assert len(products) == 4
    assert {made[name] for n in products for name in n.input[:2]} == {"DequantizeLinear"}
    assert "BatchNormalization" not in made.values()


def test_nothing_is_left_behind(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = logging.root.handlers[:], logging.root.manager.disable
    applied("int8:calibration=entropy", odd_models()[RESIDUAL])
    bad = Calibration(({"x": np.zeros((1, 3, 9, 8), np.float32)},), "bad.npz")
    with pytest.raises(InputError, match="onnxruntime cannot quantize the model on 'bad"):
        parse_steps("int8")[0].apply(odd_models()[RESIDUAL], bad)
    assert list(Path(tmp_path).iterdir()) == []
    assert (logging.root.handlers[:], logging.root.manager.disable) == before


@pytest.mark.parametrize("file", ["model.onnx", "quantized.onnx"])
def test_a_full_temporary_folder_is_one_clear_line(file, monkeypatch):
    def save(model, path, *others, _save=onnx.save, **named):
        if str(path).endswith(file):
            raise OSError(errno.ENOSPC, "No space left on device")
        _save(model, path, *others, **named)

    for name in ("save", "save_model"):
        monkeypatch.setattr(onnx, name, save)
    with pytest.raises(OutputError, match=r"No space left on device.* TMPDIR"):
        applied("int8", odd_models()[RESIDUAL])


@pytest.mark.parametrize("step", ["int8", "w8a16", "int4", "w4a8", "mixed:bits=5"])
def test_a_step_that_applies_to_no_layer_is_refused(step):
    b = Builder()
    model = b.model(b.op("Relu", b.input("x", [1, 8])))
    with pytest.raises(InputError, match="applies to no layer"):
        applied(step, model)
    with pytest.raises(InputError, match="applies to no layer"):
        sized_by_steps(from_onnx_model(model, "t"), parse_steps(step))


@pytest.mark.parametrize("steps", ["int8,int8", "int4,int8", "w4a8,int4", "int8,mixed:bits=5"])
def test_a_quantized_network_is_not_quantized_again(steps):
    model = odd_models()["products of odd rows"]
    with pytest.raises(InputError, match="quantized already"):
        list(apply_steps(model, parse_steps(steps), random_calibration(model)))
    with pytest.raises(InputError, match="quantized already"):
        sized_by_steps(from_onnx_model(model, "t"), parse_steps(steps))


@pytest.mark.parametrize(
    ("step", "message"),
    [
        ("int8:calibration=mean", "use one of minmax, percentile, entropy"),
        ("int8:per=row", "use one of channel, tensor"),
        ("int4:block=1", "allowed is 2 to 65,536"),
        ("mixed:bits=3", "allowed is 4 to 8"),
        ("w4a8:block=3", "unknown parameter"),
    ],
)
def test_a_parameter_that_does_not_fit_says_what_does(step, message):
    with pytest.raises(InputError, match=message):
        parse_steps(step)


@pytest.mark.parametrize("step", ["int8", "int4", "mixed:bits=5"])
def test_a_network_in_half_precision_stays_in_it_where_it_is_not_quantized(step):
    model = odd_models()["products of odd rows"]
    for tensor in model.graph.initializer:
        half = onnx.numpy_helper.to_array(tensor).astype(np.float16)
        tensor.CopyFrom(onnx.numpy_helper.from_array(half, tensor.name))
    for value in (*model.graph.input, *model.graph.output):
        value.type.tensor_type.elem_type = onnx.TensorProto.FLOAT16
    smaller = applied(step, model)
    precisions = {a.precision for a in from_onnx_model(smaller, "t").layers if a.gemms}
    assert precisions == ({"fp16"} if step == "int4" else {"int8"})
    assert sqnr_db(model, smaller) > 10
