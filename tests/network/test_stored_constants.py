"""A constant counts once, in the form it is stored in, with the scales beside it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from dfsrt.network import from_onnx_model
from tests.network.builders import Builder

FLOAT, HALF, DOUBLE = TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.DOUBLE


def stored(b: Builder, values, dtype: int) -> str:
    """Store a constant of an element type that numpy may lack."""
    name = b.fresh("q")
    b.constants.append(helper.make_tensor(name, dtype, np.shape(values), np.ravel(values)))
    return name


def product(b: Builder, w: str, m: int = 1, k: int = 64):
    return from_onnx_model(b.model(b.op("MatMul", b.input("x", [m, k]), w)), "t")


VIEWS = {
    "identity": lambda b, w: b.op("Identity", w),
    "transposed twice": lambda b, w: b.op("Transpose", b.op("Transpose", w)),
    "reshaped": lambda b, w: b.op("Reshape", b.op("Reshape", w, b.const([-1])), b.const([64, 64])),
    "squeezed": lambda b, w: b.op("Squeeze", b.op("Unsqueeze", w, b.const([0])), b.const([0])),
    "flattened": lambda b, w: b.op("Flatten", w),
    "cast away and back": lambda b, w: b.op("Cast", b.op("Cast", w, to=DOUBLE), to=FLOAT),
    "cut and joined again": lambda b, w: b.op("Slice", w, b.const([0]), b.const([64])),
    "scaled": lambda b, w: b.op("Mul", w, b.const([2.0] * 64, np.float32)),
}


@given(st.lists(st.sampled_from(list(VIEWS)[:6]), max_size=5), st.integers(1, 4))
def test_a_constant_counts_once_whatever_views_stand_before_its_readers(views, readers):
    b = Builder()
    w, x = b.weight(64, 64), b.input("x", [1, 64])
    for _ in range(readers):
        shown = w
        for view in views:
            shown = VIEWS[view](b, shown)
        x = b.op("Relu", b.op("MatMul", x, shown))
    network = from_onnx_model(b.model(x), "t")
    assert (network.params, network.weight_bytes) == (4096, 4 * 4096)
    assert [layer.weight_bytes for layer in network.layers] == [4 * 4096] * readers


@pytest.mark.parametrize("name", list(VIEWS)[6:])
def test_what_the_same_nodes_make_of_a_constant_counts_once(name):
    b = Builder()
    w, x = b.weight(64, 64), b.input("x", [1, 64])
    one, other = VIEWS[name](b, w), VIEWS[name](b, w)
    network = from_onnx_model(b.model(b.op("MatMul", b.op("MatMul", x, one), other)), "t")
    assert network.params == 4096


def test_a_table_that_is_looked_up_and_multiplied_counts_once():
    b = Builder()
    table, ids = b.weight(100, 64), b.input("ids", [3], TensorProto.INT64)
    logits = b.op("MatMul", b.op("Gather", table, ids), b.op("Transpose", table))
    network = from_onnx_model(b.model(logits), "t")
    assert (network.params, network.weight_bytes) == (6400, 25600)


def test_constants_of_equal_contents_that_are_stored_twice_are_two():
    b = Builder()
    x = b.op("MatMul", b.op("MatMul", b.input("x", [1, 64]), b.weight(64, 64)), b.weight(64, 64))
    assert from_onnx_model(b.model(x), "t").params == 2 * 4096


def _per_channel(b: Builder) -> str:
    w = stored(b, np.ones((64, 32)), TensorProto.INT8)
    return b.op("DequantizeLinear", w, b.weight(32), axis=1)


def _with_zero_points(b: Builder) -> str:
    w, zero = (stored(b, np.ones(s), TensorProto.UINT8) for s in ((64, 32), (32,)))
    return b.op("DequantizeLinear", w, b.weight(32), zero, axis=1)


def _blocked_int4(b: Builder) -> str:
    w = stored(b, np.ones((64, 32)), TensorProto.INT4)
    return b.op("DequantizeLinear", w, b.weight(4, 32), axis=0, block_size=16)


def _cast_mul(b: Builder) -> str:
    w = stored(b, np.ones((64, 32)), TensorProto.INT8)
    return b.op("Mul", b.op("Cast", w, to=FLOAT), b.weight(1, 32))


def _cast_sub_mul(b: Builder) -> str:
    """Blocks of 16 along k, as exporters of torch write them: cast, reshaped, shifted, scaled."""
    w = stored(b, np.ones((64 * 32 // 16, 16)), TensorProto.UINT8)
    zero = stored(b, np.ones((128, 1)), TensorProto.UINT8)
    shifted = b.op("Sub", b.op("Cast", w, to=FLOAT), b.op("Cast", zero, to=FLOAT))
    flat = b.op("Reshape", b.op("Mul", shifted, b.weight(128, 1)), b.const([32, 64]))
    return b.op("Transpose", flat)


def _packed(b: Builder) -> str:
    """Two weights to a byte: low halves by a mask, high ones by a shift."""
    w = stored(b, np.ones((32, 32)), TensorProto.UINT8)
    low = b.op("BitwiseAnd", w, b.const(15, np.uint8))
    high = b.op("BitShift", w, b.const(4, np.uint8), direction="RIGHT")
    pair = b.op("Concat", *(b.op("Unsqueeze", t, b.const([1])) for t in (low, high)), axis=1)
    shifted = b.op("Sub", b.op("Cast", pair, to=FLOAT), b.const(8, np.float32))
    return b.op("Mul", b.op("Reshape", shifted, b.const([64, 32])), b.weight(1, 32))


def _packed_by_eight(b: Builder) -> str:
    """Eight weights in 32 bits, as GPTQ packs them along k."""
    w = stored(b, np.ones((8, 1, 32)), TensorProto.UINT32)
    shifts = b.const(np.arange(0, 32, 4).reshape(1, 8, 1), np.uint32)
    wide = b.op("BitShift", b.op("Expand", w, b.const([8, 8, 32])), shifts, direction="RIGHT")
    values = b.op("BitwiseAnd", wide, b.const(15, np.uint32))
    flat = b.op("Reshape", b.op("Cast", values, to=FLOAT), b.const([64, 32]))
    return b.op("Mul", flat, b.op("Expand", b.weight(1, 32), b.const([64, 32])))


def _code_book(b: Builder) -> str:
    w = stored(b, np.ones((64, 32)), TensorProto.UINT8)
    return b.op("Gather", b.weight(256), b.op("Cast", w, to=TensorProto.INT64))


def _half(b: Builder) -> str:
    return b.op("Cast", stored(b, np.ones((64, 32)), HALF), to=FLOAT)


def _fp8(b: Builder) -> str:
    w = stored(b, np.ones((64, 32)), TensorProto.FLOAT8E4M3FN)
    return b.op("DequantizeLinear", w, b.const(0.5, np.float32))


def _quantized_in_the_file(b: Builder) -> str:
    scale, zero = b.const(0.1, np.float32), b.const(0, np.int8)
    return b.op("DequantizeLinear", b.op("QuantizeLinear", b.weight(64, 32), scale, zero), scale)


def _three_joined(b: Builder) -> str:
    return b.op("Concat", *(_parts(b) for _ in range(4)), axis=1)


def _parts(b: Builder) -> str:
    w = stored(b, np.ones((64, 8)), TensorProto.INT8)
    return b.op("DequantizeLinear", w, b.weight(8), axis=1)


def _cut(b: Builder) -> str:
    w = stored(b, np.ones((64, 96)), TensorProto.INT8)
    return b.op(
        "Split", b.op("DequantizeLinear", w, b.weight(96), axis=1), n=3, axis=1, num_outputs=3
    )[0]


@pytest.mark.parametrize(
    ("form", "dtype", "size"),
    [
        (_per_channel, "int8", 2048 + 4 * 32),
        (_with_zero_points, "uint8", 2048 + 4 * 32 + 32),
        (_blocked_int4, "int4", 1024 + 4 * 4 * 32),
        (_cast_mul, "int8", 2048 + 4 * 32),
        (_cast_sub_mul, "uint8", 2048 + 128 + 4 * 128),
        (_packed, "uint4", 1024 + 4 * 32),
        (_packed_by_eight, "uint4", 1024 + 4 * 32),
        (_code_book, "uint8", 2048 + 4 * 256),
        (_half, "float16", 4096),
        (_fp8, "float8e4m3fn", 2048),
        (_quantized_in_the_file, "int8", 2048),
        (_three_joined, "int8", 2048 + 4 * 32),
        (_cut, "int8", 2048 + 4 * 32),
    ],
)
def test_weights_keep_the_bits_they_are_stored_in_and_their_scales_count(form, dtype, size):
    b = Builder(opset=21)
    network = product(b, form(b))
    (layer,) = network.layers
    assert (layer.weights[0].dtype, network.weight_bytes) == (dtype, size)
    assert (network.params, network.macs) == (2048, 2048)
    assert layer.precision == "fp32"  # weights alone are narrow


def test_rows_of_a_quantized_table_are_read_with_their_share_of_the_scales():
    b = Builder(opset=21)
    table = stored(b, np.ones((100, 64)), TensorProto.INT4)
    scaled = b.op("DequantizeLinear", table, b.weight(100, 4), axis=1, block_size=16)
    rows = b.op("Gather", scaled, b.input("ids", [3], TensorProto.INT64))
    (layer,) = from_onnx_model(b.model(rows), "t").layers
    assert layer.weight_bytes == 3200 + 4 * 400
    assert [t.touched_bytes for t in layer.weights] == [3 * (32 + 4 * 4)]


def test_a_scale_behind_the_product_of_integer_weights_is_read():
    b = Builder()
    w = b.op("Cast", stored(b, np.ones((64, 32)), TensorProto.INT8), to=FLOAT)
    y = b.op("Mul", b.op("MatMul", b.input("x", [1, 64]), w), b.weight(32))
    (layer,) = from_onnx_model(b.model(y), "t").layers
    assert layer.weight_bytes == 2048 + 4 * 32


@pytest.mark.parametrize("shape", [[3, 64, 32], [2, 64, 32]])
def test_what_repeats_a_constant_is_stored_in_full(shape):
    b = Builder(opset=21)
    w = b.op("Expand", stored(b, np.ones((1, 64, 32)), TensorProto.INT8), b.const(shape))
    network = product(b, b.op("Cast", w, to=FLOAT))
    assert network.params == shape[0] * 2048


def test_a_sum_of_two_weights_is_a_weight_of_its_own():
    b = Builder()
    one, other = b.weight(64, 32), b.weight(64, 32)
    assert product(b, b.op("Add", one, other)).weight_bytes == 4 * 2048


def test_a_bias_in_int32_counts_without_the_scale_of_its_sums():
    b = Builder()
    w = _per_channel(b)
    bias = b.op("DequantizeLinear", stored(b, np.ones(32), TensorProto.INT32), b.weight(32), axis=0)
    y = b.op("Add", b.op("MatMul", b.input("x", [1, 64]), w), bias)
    network = from_onnx_model(b.model(y), "t")
    assert network.weight_bytes == 2048 + 4 * 32 + 4 * 32


def test_values_are_not_needed_to_know_how_weights_are_stored():
    b = Builder(opset=21)
    w = _packed(b)
    model = b.model(b.op("MatMul", b.input("x", [1, 64]), w))
    for tensor in model.graph.initializer:
        if numpy_helper.to_array(tensor).size > 100:
            tensor.ClearField("raw_data")
            tensor.ClearField("int32_data")
    assert from_onnx_model(model, "t").weight_bytes == 1024 + 4 * 32
