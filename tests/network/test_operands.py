"""Which tensors a layer's products multiply and make, by name."""

from __future__ import annotations

import numpy as np
import pytest

from dfsrt.base.errors import NetworkError
from dfsrt.network import Gemm, Kind, Layer, Operands, Tensor, from_onnx_model
from tests.network.builders import Builder


def only(b: Builder, output: str, **imports: int) -> Layer:
    (layer,) = from_onnx_model(b.model(output, imports=imports or None), "t").layers
    return layer


def test_operands_come_first_and_joined_work_adds_none():
    b = Builder()
    w = b.weight(8, 4)
    y = b.op("MatMul", b.input("x", [3, 8]), w)
    y = b.op("Add", b.op("Relu", y), b.input("r", [3, 4]))
    layer = only(b, y)
    assert layer.operands == (Operands(("x",), (w,), y),)
    assert [t.name for t in layer.side_inputs] == ["r"]


def test_an_operand_behind_a_view_goes_by_the_name_of_what_is_read():
    b = Builder()
    w = b.weight(8, 4)
    seen = b.op("Reshape", b.input("x", [2, 12]), b.const([3, 8]))
    y = b.op("Reshape", b.op("MatMul", seen, w), b.const([12]))
    assert only(b, y).operands == (Operands(("x",), (w,), y),)


def test_a_convolutions_bias_is_no_operand():
    b = Builder()
    w, bias = b.weight(4, 8, 3, 3), b.weight(4)
    layer = only(b, b.op("Conv", b.input("x", [1, 8, 9, 9]), w, bias))
    assert [t.name for t in layer.multiplied] == ["x", w]
    assert [t.name for t in layer.side_inputs] == [bias]


def test_a_dequantized_operand_goes_by_the_name_of_the_quantized_one():
    b = Builder()
    w = b.weight(8, 4)
    q = b.input("q", [3, 8], 3)
    x = b.op("DequantizeLinear", q, b.const(0.1, np.float32), b.const(0, np.int8))
    layer = only(b, b.op("MatMul", x, w))
    assert (layer.operands[0].a, layer.inputs[0].dtype) == (("q",), "int8")


def test_quantized_operators_skip_scales_and_zero_points():
    b = Builder(dtype=3)
    scale, zero = b.const(0.1, np.float32), b.const(0, np.int8)
    x, w = b.input("x", [3, 8]), b.weight(8, 4)
    layer = only(b, b.op("QLinearMatMul", x, scale, zero, w, scale, zero, scale, zero))
    assert (layer.operands[0].a, layer.operands[0].b) == (("x",), (w,))


def test_a_chain_of_products_hands_each_result_to_the_next():
    b = Builder()
    xs = [b.input(f"x{i}", shape) for i, shape in enumerate([(2, 3), (3, 4), (4, 5)])]
    y = b.op("Einsum", *xs, equation="ab,bc,cd->ad")
    assert only(b, y).operands == (Operands(("x0",), ("x1",)), Operands((), ("x2",), y))


def test_attention_multiplies_queries_by_past_and_present_keys_and_a_mask_by_nothing():
    b = Builder(23)
    q, k, v = (b.input(name, [1, 4, 6, 8]) for name in "qkv")
    mask = b.input("mask", [6, 26])
    past_k, past_v = (b.input(name, [1, 4, 20, 8]) for name in ("pk", "pv"))
    y, _, _ = b.op("Attention", q, k, v, mask, past_k, past_v, n=3)
    layer = only(b, y)
    assert layer.operands == (Operands(("q",), ("pk", "k")), Operands((), ("pv", "v"), y))
    assert [t.name for t in layer.side_inputs] == ["mask"]


def test_onnxruntimes_attention_multiplies_its_input_by_its_weights_and_its_own_keys():
    b = Builder()
    w, bias = b.weight(16, 48), b.weight(48)
    y = b.op(
        "Attention",
        b.input("x", [2, 5, 16]),
        w,
        bias,
        domain="com.microsoft",
        num_heads=4,
    )
    layer = only(b, y, **{"com.microsoft": 1})
    assert layer.operands == (Operands(("x",), (w,)), Operands(), Operands((), (), y))
    assert [t.name for t in layer.side_inputs] == [bias]


@pytest.mark.parametrize(
    ("operands", "message"),
    [
        ((), "1 products and operands of 0"),
        ((Operands(("x",), ("y",)),), "multiplies 'y', which is not among its inputs"),
    ],
)
def test_a_layer_that_does_not_name_its_operands_is_refused(operands, message):
    x, y = Tensor("x", (2, 2), "int8"), Tensor("out", (2, 2), "int8")
    with pytest.raises(NetworkError, match=message):
        Layer("l", "MatMul", Kind.MATRIX, ("l",), (x,), (), (y,), (Gemm(2, 2, 2),), operands)


def test_a_mask_of_constants_does_not_decide_a_products_precision():
    b = Builder(dtype=10)
    y = b.op("MatMul", b.input("x", [4, 8]), b.input("y", [8, 4]))
    mask = b.op("Cast", b.const(np.zeros((4, 4)), np.float32), to=1)
    b.dtype = 1
    y = b.op("Add", b.op("Cast", y, to=1), mask)
    assert only(b, y).precision == "fp16"
