"""Pruning: which elements become zero, by hand and against loops over each row."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper

from dfsrt.base.errors import InputError
from dfsrt.network.load import from_onnx_model
from dfsrt.optimize import (
    Calibration,
    apply_steps,
    parse_steps,
    sized_by_steps,
    survey,
    transform_label,
)
from dfsrt.testing import TransformConformance
from tests.optimize.builders import LAYOUTS, applied, array, one_layer, random_weight, rows_of


class TestGlobal(TransformConformance):
    transform = "prune:ratio=0.7:scope=global"


class TestPattern(TransformConformance):
    transform = "prune:nm=2of4"


class TestBlocks(TransformConformance):
    transform = "prune:block=2"


def test_half_of_a_matrix_becomes_zero_the_smallest_and_of_equal_ones_the_first():
    weight = np.array([[1, -4, 2, 2], [-2, 5, 0.5, 3]], np.float32)
    kept = [[0, -4, 0, 0], [-2, 5, 0, 3]]
    assert array(applied(one_layer("Gemm", weight, transB=1), "prune")).tolist() == kept


def test_two_of_four_inputs_of_each_output_stay_the_largest():
    weight = np.array([[1, -4, 2, 3, 9, 8, 7, 6], [1, 1, 1, 1, 0, 0, 0, -1]], np.float32)
    kept = [[0, -4, 0, 3, 9, 8, 0, 0], [1, 1, 0, 0, 0, 0, 0, -1]]
    smaller = applied(one_layer("Gemm", weight, transB=1), "prune:nm=2of4")
    assert array(smaller).tolist() == kept
    assert survey(smaller)["w"].follows(2, 4)


def test_blocks_of_two_outputs_become_zero_together():
    weight = np.array([[1, 9], [1, -1], [3, 2], [3, -2], [0.5, 0.1]], np.float32)
    kept = [[0, 9], [0, -1], [3, 0], [3, 0], [0.5, np.float32(0.1)]]
    smaller = applied(one_layer("Gemm", weight, transB=1), "prune:block=2:ratio=0.5")
    assert array(smaller).tolist() == kept
    (note,) = from_onnx_model(smaller, "one").notes
    assert "the last outputs of 1, which fill no block of 2" in note


@pytest.mark.parametrize(("op", "shape", "attributes"), LAYOUTS)
@pytest.mark.parametrize(("kept", "group"), [(2, 4), (1, 2), (3, 4)])
def test_a_pattern_holds_in_each_row_of_every_layout_as_a_loop_finds_it(
    op, shape, attributes, kept, group
):
    weight = random_weight(shape)
    flat = weight.reshape(-1).copy()
    for row in rows_of(op, weight, **attributes):
        for start in range(0, len(row), group):
            places = sorted(row[start : start + group], key=lambda i: -abs(flat[i]))
            flat[places[kept:]] = 0
    smaller = applied(one_layer(op, weight, **attributes), f"prune:nm={kept}of{group}")
    assert np.array_equal(array(smaller), flat.reshape(shape))


@pytest.mark.parametrize(("op", "shape", "attributes"), LAYOUTS)
def test_blocks_are_of_neighbouring_outputs_at_the_same_input_in_every_layout(
    op, shape, attributes
):
    weight = random_weight(shape)
    rows = np.array(rows_of(op, weight, **attributes))
    smaller = array(applied(one_layer(op, weight, **attributes), "prune:block=2:ratio=0.25"))
    zero = (smaller.reshape(-1) == 0)[rows]
    assert np.array_equal(zero[::2], zero[1::2]) and zero.mean() == pytest.approx(0.25, abs=0.01)
    sums = np.abs(weight.reshape(-1))[rows].reshape(-1, 2, rows.shape[1]).sum(axis=1)
    assert sums[zero[::2]].max() <= sums[~zero[::2]].min()


@given(st.lists(st.integers(-4, 4), min_size=6, max_size=6), st.floats(0, 0.999))
@settings(max_examples=40)
def test_a_ratio_is_kept_to_the_element_and_no_kept_one_is_smaller(values, ratio):
    weight = np.array(values, np.float32).reshape(2, 3)
    smaller = array(parse_steps(f"prune:ratio={ratio}")[0].apply(one_layer("Gemm", weight), None))
    zeros = max(round(ratio * 6), values.count(0))
    assert np.count_nonzero(smaller == 0) == zeros
    lost = np.abs(weight[smaller != weight])
    assert lost.max(initial=0) <= np.abs(smaller[smaller != 0]).min(initial=9)


def test_a_ratio_of_all_takes_the_smallest_of_all_layers():
    model = two_layers(random_weight((4, 8)), 3 * random_weight((8, 6), 1))
    smaller = applied(model, "prune:ratio=0.6:scope=global")
    before = np.concatenate([array(model, name).reshape(-1) for name in ("w", "v")])
    after = np.concatenate([array(smaller, name).reshape(-1) for name in ("w", "v")])
    least = np.argsort(np.abs(before))[: round(0.6 * before.size)]
    before[least] = 0
    assert np.array_equal(after, before)
    assert (array(smaller, "w") == 0).mean() > (array(smaller, "v") == 0).mean()


def two_layers(first, second):
    model = one_layer("MatMul", first)
    model.graph.node[0].output[0] = "hidden"
    model.graph.node.append(helper.make_node("MatMul", ["hidden", "v"], ["y"], "second"))
    model.graph.initializer.append(one_layer("MatMul", second).graph.initializer[0])
    model.graph.initializer[1].name = "v"
    return model


def test_a_ratio_of_zero_changes_no_byte():
    model = one_layer("Conv", random_weight((4, 3, 3, 3)))
    smaller = parse_steps("prune:ratio=0")[0].apply(model, None)
    assert smaller.SerializeToString() == model.SerializeToString()


def test_biases_stay_and_so_do_depthwise_convolutions_which_is_said():
    bias = np.full(8, 1e-6, np.float32)
    model = one_layer("Conv", random_weight((8, 4, 3, 3)), bias)
    assert np.array_equal(array(applied(model, "prune:ratio=0.9"), "bias"), bias)
    model.graph.node.append(helper.make_node("Conv", ["y", "d"], ["z"], "depthwise", group=8))
    model.graph.output[0].name = "z"
    depthwise = one_layer("Conv", random_weight((8, 1, 3, 3)), group=8).graph.initializer[0]
    depthwise.name = "d"
    model.graph.initializer.append(depthwise)
    smaller = applied(model, "prune:ratio=0.9")
    assert (array(smaller, "d") != 0).all() and (array(smaller) == 0).mean() > 0.89
    notes = from_onnx_model(smaller, "one").notes
    assert notes == ("prune left whole, of 2 weights: 1 with a depthwise convolution",)
    sized = sized_by_steps(from_onnx_model(model, "one"), parse_steps("prune:ratio=0.9"))
    assert sized.notes == notes


def quantized(weight, scale, zero, axis):
    nodes = [helper.make_node("DequantizeLinear", ["w", "s", "z"], ["decoded"], axis=axis)]
    return one_layer("Gemm", {"w": weight, "s": scale, "z": zero}, extra=nodes, transB=1)


def test_quantized_weights_go_to_their_zero_point_the_smallest_numbers_first():
    weight = np.array([[10, 12, 3, 5], [-7, 4, 90, -90]], np.int8)
    scale, zero = np.array([10, 0.1], np.float32), np.array([4, 0], np.int8)
    # 60, 80, -10, 10 in the first row, -0.7, 0.4, 9, -9 in the second
    smaller = applied(quantized(weight, scale, zero, 0), "prune:ratio=0.5")
    assert array(smaller).tolist() == [[10, 12, 3, 5], [0, 0, 0, 0]]
    assert survey(smaller)["w"].zeros == 0.5
    smaller = applied(quantized(weight, scale, zero, 0), "prune:nm=2of4")
    assert array(smaller).tolist() == [[10, 12, 4, 4], [0, 0, 90, -90]]
    assert survey(smaller)["w"].follows(2, 4)


def test_a_second_step_keeps_what_the_first_made():
    model = one_layer("Conv", random_weight((16, 8, 3, 3)))
    twice = applied(model, "prune:nm=2of4,prune:ratio=0.7")
    assert survey(twice)["w"].zeros == pytest.approx(0.7, abs=1e-3)
    assert survey(twice)["w"].follows(2, 4)


@pytest.mark.parametrize(
    "step", ["prune:ratio=0.3", "prune:nm=2of4", "prune:nm=3of8", "prune:block=4"]
)
def test_sizes_alone_expect_what_values_have(step):
    model = one_layer("Conv", random_weight((32, 16, 3, 3)))
    (sized,) = sized_by_steps(from_onnx_model(model, "one"), parse_steps(step)).layers
    measured, expected = survey(applied(model, step))["w"], sized.weights[0].packing
    assert measured.zeros == pytest.approx(expected.zeros, abs=1e-3)
    assert (measured.kept, measured.group) == (expected.kept, expected.group)
    assert (measured.blocks, measured.zero_blocks) == (expected.blocks, expected.zero_blocks)


def test_a_refit_keeps_every_zero():
    model = one_layer("Gemm", random_weight((8, 16)), transB=1)
    x = np.random.default_rng(2).normal(size=(2, 16)).astype(np.float32)
    data = Calibration(tuple({"x": x + i} for i in range(64)), "random")
    plain, fitted = (
        list(apply_steps(model, parse_steps(step), data))[-1].model
        for step in ("prune:nm=2of4", "prune:nm=2of4:refit")
    )
    assert (array(fitted)[array(plain) == 0] == 0).all()


BAD = [
    ("prune:ratio=1.5", "ratio 1.5 is out of range; allowed is 0 to below 1"),
    ("prune:ratio=-0.1", "ratio -0.1 is out of range"),
    ("prune:channels=1", "channels 1.0 is out of range"),
    ("prune:nm=5of4", "nm '5of4' is no pattern"),
    ("prune:nm=4of4", "fewer than there are"),
    ("prune:nm=two", "write how many stay of how many, like 2of4"),
    ("prune:nm=2of4:ratio=0.5", "prune has ratio and nm; give one of ratio, nm and channels"),
    ("prune:nm=2of4:block=4", "prune has block and nm; block goes with ratio alone"),
    ("prune:channels=0.5:scope=global", "scope goes with ratio alone"),
    ("prune:block=1", "block 1 is out of range; allowed is 2 to 64"),
    ("prune:scope=net", "use one of layer, global"),
]


@pytest.mark.parametrize(("text", "message"), BAD)
def test_what_cannot_be_is_refused_in_one_line(text, message):
    with pytest.raises(InputError) as error:
        parse_steps(text)
    assert message in str(error.value) and "\n" not in str(error.value)


@pytest.mark.parametrize("text", ["prune:ratio=0.9:block=4:refit", "prune:nm=2of4", "prune"])
def test_a_label_reads_back(text):
    assert transform_label(parse_steps(text)[0]) == text


def test_a_step_that_applies_to_no_layer_says_why():
    odd = one_layer("Conv", random_weight((4, 3, 3, 3)))
    with pytest.raises(InputError, match="prune:nm=2of4 applies to no layer: 1 with rows that are"):
        applied(odd, "prune:nm=2of4")
    with pytest.raises(InputError, match=r"make no block of 8; try prune:ratio=0\.5"):
        applied(odd, "prune:block=8")
    stripped = one_layer("Conv", random_weight((4, 3, 3, 3)))
    stripped.graph.initializer[0].ClearField("raw_data")
    with pytest.raises(InputError, match="no convolution or matrix product with stored values"):
        applied(stripped, "prune")
    sized = sized_by_steps(from_onnx_model(stripped, "one"), parse_steps("prune:ratio=0.5"))
    assert sized.layers[0].weights[0].packing.zeros == 0.5


def test_half_floats_are_pruned_too():
    weight = helper.make_tensor("w", TensorProto.BFLOAT16, (4, 8), list(range(1, 33)))
    model = one_layer("Gemm", random_weight((4, 8)), transB=1)
    model.graph.initializer[0].CopyFrom(weight)
    smaller = parse_steps("prune:nm=2of4")[0].apply(model, None)
    assert (array(smaller).astype(np.float32) == 0).mean() == 0.5
