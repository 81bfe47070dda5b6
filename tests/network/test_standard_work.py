"""Work of the standard's rarer operators, each counted by hand."""

from __future__ import annotations

import numpy as np
import pytest
from onnx import TensorProto

from dfsrt.network import Gemm, from_onnx_model
from tests.network.builders import Builder
from tests.network.standard_cases import CASES

MODELS = {case.op: case for case in CASES}


def layer_of(op: str, opset: int | None = None):
    case = MODELS[op]
    return from_onnx_model(case.model(opset or case.last), "t", fuse=False).layers[-1]


@pytest.mark.parametrize(
    ("op", "opset", "ops"),
    [
        ("AffineGrid", 20, 2 * 2 * 80),  # 80 numbers, each of two products and sums
        ("AffineGrid3D", 20, 2 * 3 * 180),
        ("DFT", 17, 2 * (5 * 12 * 4 // 2)),  # 12 points count four levels; half, as they are real
        ("DFT", 20, 2 * (5 * 12 * 4 // 2)),
        ("Det", 11, 2 * (18 + 3 * 4)),  # two thirds of 27, and three divisions
        ("GreaterOrEqual", 12, 6),
        ("GridSample", 16, 8 * 30 + 6 * 15),  # four taps of two operations; two axes a position
        ("GridSample3D", 20, 16 * 60 + 9 * 30),
        ("GroupNormalization", 18, 7 * 144),
        ("MaxRoiPool", 7, 2 * 128),  # two regions, each counted as large as the image
        ("NegativeLogLikelihoodLoss", 12, 9),
        ("RoiAlign", 16, 9 * 120 * 4),  # 120 numbers of four samples, eight operations and a mean
        ("STFT", 17, 2 * 5 * (16 + 5 * 16 * 4 // 2)),  # window, then four levels of 16 points
        ("SoftmaxCrossEntropyLoss", 12, 8 * 15 + 6 * 3),
    ],
)
def test_lane_operations(op, opset, ops):
    assert layer_of(op, opset).vector_ops == ops


def test_a_deformable_convolution_is_a_convolution_whose_operands_are_picked():
    layer = layer_of("DeformConv")
    assert layer.gemms == (Gemm(42, 18, 3, 2),)  # 7 x 6 places, 2 of 4 channels, two groups
    assert layer.vector_ops == 42 * 9 * 4 * 8  # four points of each of 9 taps in 4 channels


def test_grouped_queries_read_keys_and_values_once_a_group():
    layer = layer_of("Attention", 23)
    assert layer.macs == 2 * 8 * 5 * 6 * 16
    assert [t.elements for t in layer.inputs] == [8 * 5 * 16, 2 * 6 * 16, 2 * 6 * 16]


def test_a_rotation_by_position_reads_the_rows_of_its_positions():
    b = Builder(opset=23)
    place = b.input("p", [1, 4], TensorProto.INT64)
    tables = [b.weight(100, 4), b.weight(100, 4)]
    y = b.op("RotaryEmbedding", b.input("x", [1, 2, 4, 8]), *tables, place)
    (layer,) = from_onnx_model(b.model(y), "t").layers
    assert [t.touched for t in layer.weights] == [16, 16]
    assert layer.vector_ops == 3 * 64


def test_linear_attention_updates_and_reads_its_state_token_by_token():
    b = Builder(opset=27)
    q, k, v = (b.input(n, [2, 7, heads * 4]) for n, heads in (("q", 4), ("k", 2), ("v", 2)))
    decay, beta = b.input("d", [2, 7, 2]), b.input("b", [2, 7, 2])
    made = b.op("LinearAttention", q, k, v, "", decay, beta, n=2, q_num_heads=4, kv_num_heads=2)
    (layer,) = from_onnx_model(b.model(*made), "t").layers
    # Reads by key and updates of 2 heads, reads by query of 4: each 4 x 4 a token of two batches.
    assert layer.macs == 2 * 7 * (2 + 2 + 4) * 16
    # Decay of 28 numbers, and the factor and the sum on two states.
    assert layer.vector_ops == 4 * 28 + 2 * (2 * 7 * 2 * 16)


def test_a_causal_convolution_is_depthwise():
    b = Builder(opset=27)
    y = b.op("CausalConvWithState", b.input("x", [2, 6, 9]), b.weight(6, 1, 4), activation="silu",
             n=2)  # fmt: skip
    (layer,) = from_onnx_model(b.model(*y), "t").layers
    assert (layer.macs, layer.vector_ops) == (2 * 6 * 9 * 4, 5 * 2 * 6 * 9)


def test_suppression_sorts_all_boxes_and_compares_with_those_kept():
    b = Builder()
    boxes, scores = b.input("b", [1, 100, 4]), b.input("s", [1, 3, 100])
    y = b.op("NonMaxSuppression", boxes, scores, b.const([10]))
    (layer,) = from_onnx_model(b.model(y), "t").layers
    assert layer.vector_ops == 300 * 7 + 30 * 100 * 16
    assert layer.output_bytes == 30 * 3 * 8


@pytest.mark.parametrize(("op", "ops"), [("NonZero", 2 * 12), ("Unique", 12 * (4 + 1))])
def test_what_looks_at_every_element(op, ops):
    b = Builder()
    y = b.op(op, b.input("x", [3, 4]))
    assert from_onnx_model(b.model(y), "t").layers[0].vector_ops == ops


def test_only_what_a_compress_picks_is_read():
    b = Builder()
    marks = b.const([True, False, True], np.bool_)
    y = b.op("Compress", b.input("x", [3, 4]), marks, axis=0)
    (layer,) = from_onnx_model(b.model(y), "t").layers
    assert (layer.input_bytes, layer.output_bytes) == (2 * 4 * 4, 2 * 4 * 4)


def test_a_tensor_of_booleans_that_nothing_knows_is_compressed_whole():
    b = Builder()
    marks = b.input("m", [3], TensorProto.BOOL)
    network = from_onnx_model(b.model(b.op("Compress", b.input("x", [3, 4]), marks, axis=0)), "t")
    assert network.layers[0].outputs[0].shape == (3, 4)
    assert network.notes
