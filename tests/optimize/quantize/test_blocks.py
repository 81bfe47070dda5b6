"""Blocks of 4 bits: by hand, against a loop, and as onnxruntime decodes them."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from onnx import TensorProto, helper, numpy_helper

from dfsrt.network import from_onnx_model
from dfsrt.optimize import parse_steps
from dfsrt.optimize.quantize.blocks import coded, coded_rows, packed
from dfsrt.testing.models import odd_models, random_calibration
from tests.network.builders import Builder


def test_a_block_by_hand():
    codes, scales = coded(np.array([[7.5, -7.5, 3.0, 0.4], [0, 0, 0, 0]], np.float32), 1, 4)
    assert scales.tolist() == [[1.0], [1.0]]
    assert codes.tolist() == [[7, -8, 3, 0], [0, 0, 0, 0]]


def test_two_codes_share_a_byte_the_first_in_the_lower_half():
    assert packed(np.array([1, -1, 7, -8, 3], np.int8)) == bytes([0xF1, 0x87, 0x03])


finite = npst.arrays(
    np.float32, (3, 8, 2), elements=st.floats(-100, 100, width=32, allow_subnormal=False)
)


@given(finite, st.sampled_from([2, 4, 8]))
def test_codes_and_scales_are_those_of_a_plain_loop(array, block):
    codes, scales = coded(array, 1, block)
    for i, j, k in np.ndindex(array.shape):
        first = j // block * block
        scale = np.float32(np.abs(array[i, first : first + block, k]).max() / np.float32(7.5)) or 1
        assert scales[i, j // block, k] == scale
        assert codes[i, j, k] == min(max(round(float(array[i, j, k] / scale)), -8), 7)


@given(finite)
def test_no_weight_is_off_by_more_than_half_a_step(array):
    codes, scales = coded_rows(array, 0)
    error = np.abs(array - codes * scales.reshape(-1, 1, 1))
    assert (error <= 0.501 * scales.reshape(-1, 1, 1)).all()


def int4_of(model, step):
    return parse_steps(step)[0].apply(model, random_calibration(model))


def decoded(model):
    """What onnxruntime makes of every DequantizeLinear, by its output's name."""
    names = [n.output[0] for n in model.graph.node if n.op_type == "DequantizeLinear"]
    model.graph.output.extend(
        helper.make_tensor_value_info(n, TensorProto.FLOAT, None) for n in names
    )
    session = onnxruntime.InferenceSession(model.SerializeToString())
    (feeds,) = random_calibration(model, 1).samples
    return dict(zip(names, session.run(names, dict(feeds)), strict=True))


@pytest.mark.parametrize("what", odd_models())
def test_onnxruntime_decodes_what_was_coded(what):
    smaller = int4_of(odd_models()[what], "int4:block=16")
    stored = {t.name: t for t in smaller.graph.initializer}
    nodes = {n.output[0]: n for n in smaller.graph.node if n.op_type == "DequantizeLinear"}
    for name, array in decoded(smaller).items():
        code, scale = (numpy_helper.to_array(stored[n]) for n in nodes[name].input)
        settings = {a.name: a.i for a in nodes[name].attribute}
        axis, block = settings["axis"], settings.get("block_size", 0)
        if block:
            scale = np.repeat(scale, block, axis)
        else:
            scale = scale.reshape([-1 if a == axis else 1 for a in range(array.ndim)])
        assert np.array_equal(array, code.astype(np.float32) * scale)


def test_rows_that_are_no_multiple_of_a_block_share_one_scale():
    model = odd_models()["products of odd rows"]  # rows of 37 and 48 inputs
    scales = {
        t.name: list(t.dims)
        for t in int4_of(model, "int4:block=16").graph.initializer
        if t.name.endswith("_scale")
    }
    assert sorted(scales.values()) == [[3, 12], [48]]


def test_blocks_of_32_take_5_bits_a_weight_with_scales_of_fp32():
    model = odd_models()["convolutions and a residual"]
    products = [a for a in from_onnx_model(int4_of(model, "int4"), "t").layers if a.op == "Gemm"]
    (weight,) = (t for t in products[0].weights if t.dtype == "int4")
    assert weight.bytes * 8 == 5 * weight.elements


def test_onnxruntime_s_operator_for_blocks_costs_the_same():
    """MatMulNBits: (outputs, blocks, bytes of a block), and a scale for each block."""
    b = Builder()
    weight, scales = b.fresh("q"), b.weight(12 * 3)
    b.constants.append(numpy_helper.from_array(np.zeros((12, 3, 8), np.uint8), weight))
    sizes = {"K": 48, "N": 12, "bits": 4, "block_size": 16}
    x = b.input("x", [4, 48])
    y = b.op("MatMulNBits", x, weight, scales, domain="com.microsoft", **sizes)
    theirs = from_onnx_model(b.model(y, imports={"com.microsoft": 1}), "theirs").layers[-1]
    ours = from_onnx_model(int4_of(odd_models()["products of odd rows"], "int4:block=16"), "ours")
    assert theirs.macs == ours.layers[-1].macs
    assert theirs.weight_bytes == ours.layers[-1].weight_bytes == 48 * 12 // 2 + 4 * 3 * 12


def test_a_scale_as_large_as_the_weights_it_belongs_to_stays_a_scale():
    b = Builder(opset=21)
    code, scale = b.fresh("q"), b.const(np.ones(64), np.float32)
    b.constants.append(helper.make_tensor(code, TensorProto.INT8, [64, 1, 1, 1], np.ones(64)))
    weight = b.op("DequantizeLinear", code, scale, axis=0)
    x = b.input("x", [1, 64, 8, 8])
    (layer,) = from_onnx_model(b.model(b.op("Conv", x, weight, group=64)), "t").layers
    assert [(t.dtype, t.bytes) for t in layer.weights] == [("int8", 64 + 4 * 64)]
