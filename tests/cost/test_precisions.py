"""Each layer runs in its own precision where the device has it; the rest is said or refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper

from dfsrt.base.errors import InputError
from dfsrt.cost import at_device_precision, cost_network
from dfsrt.device import load_device
from dfsrt.network import Network, from_onnx_model
from dfsrt.network.precision import PRECISIONS
from dfsrt.network.quantized import BORDER
from dfsrt.network.tensor import BITS, INDEX_TYPES, PRECISION_OF
from tests.network.builders import Builder

FLOAT, HALF, BF16, INT8 = (
    getattr(TensorProto, n) for n in ("FLOAT", "FLOAT16", "BFLOAT16", "INT8")
)
RK3588 = load_device("rk3588-npu")
ONLY_INT8, ONLY_FP16 = load_device("ethos-u55-256"), load_device("etri-like")


def chain(*dtypes: int, size: int = 64, bits: str = "") -> Network:
    """Products one behind another in ``dtypes``, with casts between, from fp32 to fp32."""
    b = Builder(opset=23)
    x, last = b.input("x", [1, size], FLOAT), FLOAT
    for dtype in dtypes:
        b.dtype = dtype
        x = x if dtype == last else b.op("Cast", x, to=dtype)
        name = b.fresh("w")
        b.constants.append(helper.make_tensor(name, dtype, [size, size], np.ones(size * size)))
        x, last = b.op("MatMul", x, name), dtype
    return from_onnx_model(b.model(b.op("Cast", x, to=FLOAT) if last != FLOAT else x), "t")


def quantized(dtype: int, after: str = "") -> Network:
    """A product of quantized numbers between dequantize and quantize nodes."""
    b = Builder(opset=23)
    scale, zero = b.const(0.1, np.float32), b.fresh("zero")
    b.constants.append(helper.make_tensor(zero, dtype, [], [0]))
    w = b.fresh("w")
    b.constants.append(helper.make_tensor(w, dtype, [64, 64], np.ones(4096)))
    x = b.op("QuantizeLinear", b.input("x", [1, 64]), scale, zero)
    x = b.op("DequantizeLinear", x, scale, zero)
    x = b.op("MatMul", x, b.op("DequantizeLinear", w, scale, zero))
    x = b.op("DequantizeLinear", b.op("QuantizeLinear", x, scale, zero), scale, zero)
    return from_onnx_model(b.model(b.op(after, x) if after else x), "t")


def products(network: Network) -> list[str]:
    return [a.precision for a in network.layers if a.gemms]


def test_precisions_are_listed_from_wide_to_narrow():
    assert PRECISION_OF.keys() | INDEX_TYPES == BITS.keys()
    bits = [BITS[dtype] for dtype in PRECISION_OF]
    assert bits == sorted(bits, reverse=True)
    assert {PRECISION_OF[dtype] for dtype in PRECISIONS.values()} == set(PRECISIONS)


def test_a_network_in_fp32_runs_in_the_device_s_own_precision():
    network = at_device_precision(chain(FLOAT, FLOAT), RK3588)
    assert (products(network), network.weight_bytes) == (["int8"] * 2, 2 * 4096)
    assert network.converted == (("fp32", "int8", 2),)


def test_casts_at_the_border_leave_a_network_in_half_precision():
    network = at_device_precision(chain(HALF, HALF), RK3588)
    assert (products(network), network.weight_bytes) == (["fp16"] * 2, 2 * 8192)
    assert network.converted == (("fp32", "fp16", 1),)  # one cast; the other rides on its product


def test_products_left_in_fp32_go_to_fp16_beside_those_in_half_precision():
    network = at_device_precision(chain(FLOAT, HALF, HALF, HALF, FLOAT), RK3588)
    assert products(network) == ["fp16"] * 5
    assert network.converted == (("fp32", "fp16", 2),)


def test_one_product_in_half_precision_keeps_it_in_a_network_in_fp32():
    network = at_device_precision(chain(FLOAT, FLOAT, HALF, FLOAT), RK3588)
    assert products(network) == ["int8", "int8", "fp16", "int8"]


@pytest.mark.parametrize("after", ["", "Softmax"])
def test_a_quantized_network_keeps_int8_and_its_rest_runs_in_fp16(after):
    network = at_device_precision(quantized(INT8, after), RK3588)
    assert (products(network), network.weight_bytes) == (["int8"], 4096)
    rest = [a.precision for a in network.layers if a.computes and not a.gemms]
    assert rest == (["fp16"] if after else [])


def test_who_calls_a_quantized_network_converts_what_goes_in_and_comes_out():
    (product,) = (a for a in quantized(INT8).layers if a.computes)
    assert [t.dtype for t in (*product.inputs, *product.outputs)] == ["int8", "int8"]
    assert quantized(INT8).notes == (BORDER,)
    assert chain(FLOAT).notes == ()


def test_what_is_moved_between_quantized_numbers_is_moved_as_such():
    """Their scales may differ: they change on the way, as a result's does on its drain."""
    b = Builder(opset=23)
    scales = [b.const(value, np.float32) for value in (0.1, 0.2, 0.3)]
    x = b.input("x", [1, 64], INT8)
    ones = [b.op("DequantizeLinear", x, scale) for scale in scales[:2]]
    y = b.op("QuantizeLinear", b.op("Concat", *ones, axis=1), scales[2], output_dtype=INT8)
    y = b.op("Neg", b.op("DequantizeLinear", y, scales[2]))
    joint = next(a for a in from_onnx_model(b.model(y), "t").layers if a.op == "Concat")
    assert [(t.dtype, t.elements) for t in joint.outputs] == [("int8", 128)]
    assert joint.moved_bytes == 64 + 128


def test_an_input_that_is_read_in_fp32_as_well_is_quantized_on_the_device():
    b = Builder(opset=23)
    scale, x = b.const(0.1, np.float32), b.input("x", [1, 64])
    y = b.op("DequantizeLinear", b.op("QuantizeLinear", x, scale), scale)
    y = b.op("MatMul", y, b.weight(64, 64))
    network = from_onnx_model(b.model(b.op("Add", x, b.op("Softmax", y))), "t")
    assert "QuantizeLinear" in [a.op for a in network.layers]


def test_weights_alone_in_int8_are_multiplied_in_fp16():
    b = Builder()
    name = b.fresh("w")
    b.constants.append(helper.make_tensor(name, INT8, [64, 64], np.ones(4096)))
    w = b.op("DequantizeLinear", name, b.weight(64), axis=1)
    y = b.op("MatMul", b.input("x", [1, 64]), w)
    network = at_device_precision(from_onnx_model(b.model(y), "t"), RK3588)
    (cost,) = cost_network(network, RK3588)
    assert (cost.precision, network.weight_bytes) == ("fp16", 4096 + 4 * 64)
    assert cost.dram_bytes == 4096 + 4 * 64 + 2 * 64 + 2 * 64


@pytest.mark.parametrize("dtypes", [(HALF, HALF), (FLOAT, HALF)])
def test_half_precision_runs_in_int8_where_a_device_has_nothing_else(dtypes):
    network = at_device_precision(chain(*dtypes), ONLY_INT8)
    assert products(network) == ["int8", "int8"]
    assert {a: n for a, _, n in network.converted}["fp16"] >= 1


def test_a_quantized_network_runs_in_fp16_where_a_device_has_nothing_else():
    network = at_device_precision(quantized(INT8), ONLY_FP16)
    assert (products(network), network.weight_bytes) == (["fp16"], 8192)


def test_bfloat16_runs_in_fp16_where_a_device_lacks_it():
    network = at_device_precision(chain(BF16, BF16), RK3588)
    assert ("bf16", "fp16", 2) in network.converted
    assert products(network) == ["fp16", "fp16"]


@pytest.mark.parametrize(
    ("dtype", "name"),
    [
        ("FLOAT8E4M3FN", "fp8"), ("FLOAT8E5M2", "fp8"), ("FLOAT4E2M1", "fp4"),
    ],
)  # fmt: skip
def test_what_a_device_cannot_multiply_is_refused_with_advice_that_works(dtype, name):
    network = quantized(getattr(TensorProto, dtype))
    assert products(network) == [name]
    with pytest.raises(InputError, match=f"is in {name}, which .* one of int8, fp16, fp32"):
        cost_network(at_device_precision(network, RK3588), RK3588)
    stored = at_device_precision(network, RK3588, "fp16")
    assert [c.precision for c in cost_network(stored, RK3588) if c.layer.gemms] == ["fp16"]


@pytest.mark.parametrize("dtype", [TensorProto.INT16, TensorProto.UINT16])
def test_maps_of_16_bits_run_in_fp16_where_a_device_lacks_their_integers(dtype):
    network = at_device_precision(quantized(dtype), RK3588)
    assert (products(network), network.weight_bytes) == (["fp16"], 8192)
    assert ("int16", "fp16", 1) in network.converted


def with_int4(tmp_path):
    path = tmp_path / "with-int4.toml"
    tables = ("mac_pj", "register_pj_per_mac", "vector_pj_per_op")
    rows = [f"{t} = {{ int4 = 0.1, int8 = 0.2, fp16 = 0.4 }}" for t in tables]
    sources = [f'source.{t} = "assumed: for this test"' for t in tables]
    path.write_text(
        'format = 1\nbase = "rk3588-npu"\nname = "with-int4"\ndescription = "in four bits, too"\n'
        "[array]\ncycles_per_step = { int4 = 0.5, int8 = 1, fp16 = 2 }\n"
        'source.cycles_per_step = "assumed: for this test"\n'
        "[vector]\nlanes = { int4 = 54, int8 = 27, fp16 = 13 }\n"
        'source.lanes = "assumed: for this test"\n[silicon]\n' + "\n".join([*rows, *sources])
    )
    return load_device(path)


@pytest.mark.parametrize("dtype", ["INT4", "UINT4"])
def test_int4_is_multiplied_where_a_device_says_that_it_can(dtype, tmp_path):
    network, npu = quantized(getattr(TensorProto, dtype)), with_int4(tmp_path)
    precisions = {}
    for device in (npu, RK3588):
        fitting = at_device_precision(network, device)
        precisions[device.name] = [
            c.precision for c in cost_network(fitting, device) if c.layer.gemms
        ]
        assert fitting.weight_bytes == 2048  # weights keep their bits anywhere
    assert precisions == {"with-int4": ["int4"], "rk3588-npu": ["int8"]}


@pytest.mark.parametrize(
    ("said", "precision", "weights"),
    [
        ("w4a16", "fp16", 2048),
        ("w4a8", "int8", 2048),
        ("w8a16", "fp16", 4096),
        ("w8a8", "int8", 4096),
        ("w2a16", "fp16", 1024),
        ("w16a16", "fp16", 8192),
        ("w8a32", "fp32", 4096),
    ],
)
def test_a_pair_sets_the_bits_of_weights_and_of_the_rest(said, precision, weights):
    b = Builder()
    y = b.op("MatMul", b.input("x", [1, 64]), b.weight(64, 64))
    y = b.op("Softmax", b.op("Add", y, b.weight(64)))
    network = at_device_precision(from_onnx_model(b.model(y), "t"), RK3588, said)
    product, softmax = cost_network(network, RK3588)
    assert (product.precision, softmax.precision) == (precision, precision)
    bias = 64 * BITS[PRECISIONS[precision]] // 8
    assert network.weight_bytes == weights + bias


def test_scales_of_a_file_s_own_int4_stay_where_a_pair_asks_for_int4():
    b = Builder(opset=21)
    name = b.fresh("w")
    b.constants.append(helper.make_tensor(name, TensorProto.INT4, [64, 64], np.ones(4096)))
    w = b.op("DequantizeLinear", name, b.weight(4, 64), axis=0, block_size=16)
    network = from_onnx_model(b.model(b.op("MatMul", b.input("x", [1, 64]), w)), "t")
    assert network.as_precision("w4a16").weight_bytes == 2048 + 4 * 256
    assert network.as_precision("w8a16").weight_bytes == 4096
    assert network.as_precision("fp16").weight_bytes == 8192


@pytest.mark.parametrize("said", ["w9a16", "w4a3", "w16a8", "int3", "w4", "", "W4A16", "w4a16 "])
def test_an_unknown_precision_is_refused_with_what_is_allowed(said):
    with pytest.raises(InputError, match="w4a16"):
        chain(FLOAT).as_precision(said)


@given(st.lists(st.sampled_from([FLOAT, HALF, BF16, TensorProto.DOUBLE]), min_size=1, max_size=6))
def test_a_tensor_has_one_precision_wherever_it_is_seen(dtypes):
    network = at_device_precision(chain(*dtypes, size=8), RK3588)
    stored: dict[str, str] = {}
    for layer in network.layers:
        for tensor in (*layer.inputs, *layer.outputs):
            assert stored.setdefault(tensor.name, tensor.dtype) == tensor.dtype
    wide = sum(d in (FLOAT, TensorProto.DOUBLE) for d in dtypes)
    precisions = ["int8" if d in (FLOAT, TensorProto.DOUBLE) else "fp16" for d in dtypes]
    if wide > len(dtypes) / 2 and len({FLOAT, TensorProto.DOUBLE} & set(dtypes)) == 1:
        assert products(network) == precisions
    if not wide:
        assert products(network) == ["fp16"] * len(dtypes)
    assert len(cost_network(network, RK3588)) == len(network.layers)


def test_a_move_of_numbers_that_a_device_lacks_is_a_move():
    b = Builder(dtype=TensorProto.INT16)
    y = b.op("Transpose", b.input("x", [4, 8]), perm=[1, 0])
    network = from_onnx_model(b.model(y), "t")
    (cost,) = cost_network(at_device_precision(network, RK3588), RK3588)
    assert cost.dram_bytes == 2 * 4 * 8 * 2
