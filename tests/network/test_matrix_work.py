"""Products of matrix operators, worked by hand."""

from __future__ import annotations

import math

import pytest

from dfsrt.network import Gemm, Kind, from_onnx_model
from tests.network.builders import Builder


def only_layer(b: Builder, output: str):
    (layer,) = from_onnx_model(b.model(output), "t", fuse=False).layers
    return layer


def conv(x, w, **attributes):
    b = Builder()
    return only_layer(b, b.op("Conv", b.input("x", x), b.weight(*w), **attributes))


CONVS = {
    # 1x7 kernel: width shrinks by 6, height stays; a transposed reading would give (11, 17)
    "1x7": ([1, 3, 17, 17], (8, 3, 1, 7), {}, (17, 11), Gemm(17 * 11, 21, 8)),
    "7x1": ([1, 3, 17, 17], (8, 3, 7, 1), {}, (11, 17), Gemm(11 * 17, 21, 8)),
    "dilation": ([1, 4, 9, 12], (2, 4, 3, 3), {"dilations": [2, 4]}, (5, 4), Gemm(20, 36, 2)),
    "same upper": (
        [1, 1, 5, 6],
        (1, 1, 2, 4),
        {"auto_pad": "SAME_UPPER", "strides": [2, 2]},
        (3, 3),
        Gemm(9, 8, 1),
    ),
    "same lower": (
        [1, 1, 5, 6],
        (1, 1, 2, 4),
        {"auto_pad": "SAME_LOWER", "strides": [1, 3]},
        (5, 2),
        Gemm(10, 8, 1),
    ),
    "valid": ([2, 1, 5, 6], (1, 1, 3, 3), {"auto_pad": "VALID"}, (3, 4), Gemm(24, 9, 1)),
    "padded": (
        [1, 1, 5, 5],
        (1, 1, 3, 3),
        {"auto_pad": "NOTSET", "pads": [1, 0, 2, 1]},
        (6, 4),
        Gemm(24, 9, 1),
    ),
    "groups": ([1, 8, 4, 4], (12, 2, 1, 1), {"group": 4}, (4, 4), Gemm(16, 2, 3, 4)),
    "depthwise": ([1, 8, 4, 4], (8, 1, 3, 3), {"group": 8}, (2, 2), Gemm(4, 9, 1, 8)),
    "1-D": ([3, 4, 10], (5, 4, 3), {"strides": [2]}, (4,), Gemm(12, 12, 5)),
    "3-D": ([1, 2, 4, 5, 6], (3, 2, 2, 2, 2), {}, (3, 4, 5), Gemm(60, 16, 3)),
}


@pytest.mark.parametrize("case", CONVS)
def test_convolution_is_the_product_worked_by_hand(case):
    x, w, attributes, spatial, gemm = CONVS[case]
    layer = conv(x, w, **attributes)
    assert layer.outputs[0].shape == (x[0], w[0], *spatial)
    assert layer.gemms == (gemm,)
    assert layer.kind is Kind.MATRIX


def test_transposed_convolution_meets_the_kernel_at_every_input_position():
    b = Builder()
    y = b.op(
        "ConvTranspose", b.input("x", [2, 6, 5, 7]), b.weight(6, 4, 3, 2), group=2, strides=[2, 2]
    )
    layer = only_layer(b, y)
    assert layer.gemms == (Gemm(2 * 5 * 7, 3, 4 * 6, 2),)
    assert layer.macs == 2 * 5 * 7 * 6 * 4 * 6


MATMULS = {
    "plain": ((3, 4), (4, 5), Gemm(3, 4, 5)),
    "batch folds into rows": ((2, 7, 3, 4), (4, 5), Gemm(42, 4, 5)),
    "batched": ((2, 7, 3, 4), (2, 7, 4, 5), Gemm(3, 4, 5, 14)),
    "broadcast": ((2, 1, 3, 4), (7, 4, 5), Gemm(3, 4, 5, 14)),
    "left without batch": ((3, 4), (6, 4, 5), Gemm(3, 4, 5, 6)),
    "vector left": ((4,), (2, 4, 5), Gemm(1, 4, 5, 2)),
    "vector right": ((2, 3, 4), (4,), Gemm(6, 4, 1)),
}


@pytest.mark.parametrize("case", MATMULS)
def test_matmul_broadcasts_as_numpy(case):
    a, w, gemm = MATMULS[case]
    b = Builder()
    assert only_layer(b, b.op("MatMul", b.input("x", a), b.weight(*w))).gemms == (gemm,)


@pytest.mark.parametrize("trans_a", [0, 1])
@pytest.mark.parametrize("trans_b", [0, 1])
def test_gemm_honours_its_transpositions(trans_a, trans_b):
    b = Builder()
    x = b.input("x", [4, 3] if trans_a else [3, 4])
    w = b.weight(5, 4) if trans_b else b.weight(4, 5)
    y = b.op("Gemm", x, w, b.weight(5), transA=trans_a, transB=trans_b)
    assert only_layer(b, y).gemms == (Gemm(3, 4, 5),)


EINSUMS = {
    "attention scores": ("bhid,bhjd->bhij", [(2, 3, 4, 5), (2, 3, 6, 5)], (Gemm(4, 5, 6, 6),)),
    "implicit output": ("ij,jk", [(3, 4), (4, 5)], (Gemm(3, 4, 5),)),
    "ellipsis": ("...ij,...jk->...ik", [(2, 3, 4), (2, 4, 5)], (Gemm(3, 4, 5, 2),)),
    "stretched ellipsis": ("...ij,...jk->...ik", [(2, 3, 4), (1, 4, 5)], (Gemm(6, 4, 5),)),
    "three operands": (
        "ab,bc,cd->ad",
        [(2, 3), (3, 4), (4, 5)],
        (Gemm(2, 3, 4), Gemm(2, 4, 5)),
    ),
    "outer": ("i,j->ij", [(3,), (4,)], (Gemm(3, 1, 4),)),
}


@pytest.mark.parametrize("case", EINSUMS)
def test_einsum_is_a_chain_of_products(case):
    equation, shapes, gemms = EINSUMS[case]
    b = Builder()
    operands = [b.input(f"x{i}", shape) for i, shape in enumerate(shapes)]
    assert only_layer(b, b.op("Einsum", *operands, equation=equation)).gemms == gemms


@pytest.mark.parametrize(("equation", "kind"), [("ij->ji", "move"), ("ij->i", "vector")])
def test_einsum_of_one_operand_multiplies_nothing(equation, kind):
    b = Builder()
    layer = only_layer(b, b.op("Einsum", b.input("x", [3, 4]), equation=equation))
    assert (layer.macs, str(layer.kind)) == (0, kind)


def attention_layer(opset, q, k, v, *more, **attributes):
    b = Builder(opset)
    shapes = [q, k, v, *more]
    names = [b.input(f"x{i}", s) if s else "" for i, s in enumerate(shapes)]
    outputs = b.op("Attention", *names, n=3 if len(more) > 1 else 1, **attributes)
    y = outputs[0] if isinstance(outputs, tuple) else outputs
    return only_layer(b, y)


def test_attention_multiplies_the_full_square_even_when_causal():
    layer = attention_layer(23, [2, 4, 10, 8], [2, 4, 12, 8], [2, 4, 12, 6], is_causal=1)
    assert layer.gemms == (Gemm(10, 8, 12, 8), Gemm(10, 12, 6, 8))
    assert layer.vector_ops > 0


def test_attention_with_grouped_queries_counts_every_query_head():
    layer = attention_layer(
        23, [1, 10, 64], [1, 10, 16], [1, 10, 16], q_num_heads=8, kv_num_heads=2
    )
    assert layer.gemms == (Gemm(10, 8, 10, 8), Gemm(10, 10, 8, 8))


def test_attention_sees_past_keys_too():
    past = [1, 4, 20, 8]
    layer = attention_layer(23, [1, 4, 1, 8], [1, 4, 1, 8], [1, 4, 1, 8], None, past, past)
    assert layer.gemms == (Gemm(1, 8, 21, 4), Gemm(1, 21, 8, 4))


def test_onnxruntimes_attention_projects_first():
    b = Builder()
    x = b.input("x", [2, 5, 16])
    y = b.op("Attention", x, b.weight(16, 48), b.weight(48), domain="com.microsoft", num_heads=4)
    model = b.model(y, imports={"com.microsoft": 1})
    (layer,) = from_onnx_model(model, "t").layers
    assert layer.gemms == (Gemm(10, 16, 48), Gemm(5, 4, 5, 8), Gemm(5, 5, 4, 8))


def test_integer_twins_count_as_their_float_operators():
    b = Builder(dtype=3)
    layer = only_layer(b, b.op("ConvInteger", b.input("x", [1, 3, 8, 8]), b.weight(4, 3, 3, 3)))
    assert layer.macs == 36 * 27 * 4
    assert layer.precision == "int8"


def test_macs_are_the_product_of_all_sizes():
    assert Gemm(3, 4, 5, 6).macs == math.prod((3, 4, 5, 6))


FOLDED_EINSUMS = {
    "elementwise": ("ij,ij->ij", [(300, 200)] * 2, Gemm(60_000, 1, 1)),
    "scaled rows": ("ij,i->ij", [(300, 200), (300,)], Gemm(60_000, 1, 1)),
    "scaled columns": ("j,ij->ij", [(200,), (300, 200)], Gemm(60_000, 1, 1)),
    "dot products": ("bi,bi->b", [(300, 200)] * 2, Gemm(300, 200, 1)),
    "outer products": ("bi,bj->bij", [(30, 20), (30, 10)], Gemm(600, 1, 10)),
    "matrix by vector": ("ij,j->i", [(300, 200), (200,)], Gemm(300, 200, 1)),
    "vector by matrix": ("j,ji->i", [(200,), (200, 300)], Gemm(1, 200, 300)),
}


@pytest.mark.parametrize("case", FOLDED_EINSUMS)
def test_einsum_with_an_almost_empty_product_folds_its_batch_into_rows(case):
    equation, shapes, gemm = FOLDED_EINSUMS[case]
    b = Builder()
    operands = [b.input(f"x{i}", shape) for i, shape in enumerate(shapes)]
    assert only_layer(b, b.op("Einsum", *operands, equation=equation)).gemms == (gemm,)


def test_einsum_charges_the_sums_that_come_before_the_product():
    b = Builder()
    x, y = b.input("x", [3, 4]), b.input("y", [5, 6])
    layer = only_layer(b, b.op("Einsum", x, y, equation="ij,kl->ik"))
    assert (layer.gemms, layer.vector_ops) == ((Gemm(3, 1, 5),), 3 * 4 + 5 * 6)
