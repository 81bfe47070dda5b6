"""Shared values: the least squared error, against scikit-learn and an exact search."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import helper

from dfsrt.base.errors import InputError
from dfsrt.network.coding import coded_bytes
from dfsrt.network.load import from_onnx_model
from dfsrt.optimize import Calibration, apply_steps, parse_steps, sized_by_steps, survey
from dfsrt.optimize.share.clusters import centers_of
from dfsrt.testing import TransformConformance
from tests.optimize.builders import LAYOUTS, applied, array, one_layer, random_weight, rows_of


class TestShare(TransformConformance):
    transform = "share:values=4"


class TestShareOfChannels(TransformConformance):
    transform = "share:values=2:per=channel"


def squared_error(values, centers):
    return float((np.abs(values[:, None] - centers[None, :]).min(axis=1) ** 2).sum())


def exact_error(values, count):
    """The least squared error of ``count`` clusters on a line, by dynamic programming."""
    values = np.sort(np.asarray(values, float))
    n = len(values)

    def cost(i, j):
        part = values[i:j]
        return float(((part - part.mean()) ** 2).sum())

    best = [cost(0, j) if j else 0.0 for j in range(n + 1)]
    for _ in range(count - 1):
        best = [min([best[j], *(best[i] + cost(i, j) for i in range(j))]) for j in range(n + 1)]
    return best[n]


def test_a_real_layer_of_16_numbers_with_4_values_takes_160_bits_of_512():
    smaller = applied(one_layer("MatMul", random_weight((4, 4))), "share:values=4")
    (layer,) = from_onnx_model(smaller, "one").layers
    (weight,) = layer.weights
    assert weight.bytes * 8 == 512
    assert (weight.packing.values, weight.packing.codebooks) == (4, 1)
    assert coded_bytes(weight, "shared") * 8 == 160


@given(st.lists(st.integers(-50, 50), min_size=2, max_size=14), st.integers(2, 4))
@settings(max_examples=60)
def test_small_sets_have_the_least_squared_error_of_all(values, count):
    numbers = np.array(values, np.float32)
    error = squared_error(numbers, centers_of(numbers[None], count, False)[0])
    assert error == pytest.approx(exact_error(numbers, count), rel=1e-4, abs=1e-3)


@given(st.lists(st.integers(-50, 50), min_size=4, max_size=14))
@settings(max_examples=30)
def test_rows_come_near_it_and_never_below(values):
    numbers = np.array([values, values], np.float32)
    error = squared_error(numbers[0], centers_of(numbers, 3, False)[0])
    least, spread = exact_error(numbers[0], 3), exact_error(numbers[0], 1)
    assert least - 1e-3 <= error <= least + 0.25 * spread  # a local optimum


@pytest.mark.parametrize("count", [4, 16])
@pytest.mark.parametrize("tails", [False, True])
def test_squared_error_is_within_1_percent_of_scikit_learns(count, tails):
    from sklearn.cluster import KMeans

    random = np.random.default_rng(7)
    values = random.standard_t(3, 5000) if tails else random.normal(size=5000)
    values = values.astype(np.float32)
    start = np.linspace(values.min(), values.max(), count)[:, None]
    theirs = KMeans(count, init=start, n_init=1).fit(values[:, None].astype(float)).inertia_
    assert squared_error(values, centers_of(values[None], count, False)[0]) <= 1.01 * theirs


def test_rows_together_come_out_as_rows_alone():
    rows = random_weight((7, 50))
    rows[2:4] = np.where(random_weight((2, 50), 3) > 0.3, rows[2:4], 0)
    rows[5] = 0
    together = centers_of(rows, 5, True)
    for row, centers in zip(rows, together, strict=True):
        pair = centers_of(np.stack([row, row]), 5, True)
        assert centers == pytest.approx(pair[0], abs=1e-5)


@pytest.mark.parametrize(("op", "shape", "attributes"), LAYOUTS)
def test_each_output_has_values_of_its_own_in_every_layout(op, shape, attributes):
    weight = random_weight(shape)
    rows = np.array(rows_of(op, weight, **attributes))
    if rows.shape[1] < 8:
        return
    smaller = applied(one_layer(op, weight, **attributes), "share:values=2:per=channel")
    for row in array(smaller).reshape(-1)[rows]:
        assert len(np.unique(row)) == 2
    packing = survey(smaller)["w"]
    assert (packing.values, packing.codebooks) == (2, len(rows))


def test_zeros_stay_zero_and_are_one_of_the_values():
    pruned = applied(one_layer("Gemm", random_weight((16, 32)), transB=1), "prune:nm=2of4")
    smaller = applied(pruned, "share:values=8")
    assert np.array_equal(array(smaller) == 0, array(pruned) == 0)
    assert len(np.unique(array(smaller))) == 8
    packing = survey(smaller)["w"]
    assert packing.follows(2, 4) and (packing.values, packing.zeros) == (8, 0.5)


def test_values_that_are_few_already_stay_to_the_bit():
    weight = np.random.default_rng(0).choice(random_weight(9), (16, 32)).astype(np.float32)
    model = one_layer("Gemm", weight, transB=1)
    smaller = parse_steps("share:values=9")[0].apply(model, None)
    assert smaller.SerializeToString() == model.SerializeToString()


def test_quantized_weights_share_whole_numbers():
    weight = np.random.default_rng(0).integers(-127, 128, (32, 64)).astype(np.int8)
    nodes = [helper.make_node("DequantizeLinear", ["w", "s"], ["decoded"])]
    stored = {"w": weight, "s": np.float32(0.1)}
    smaller = applied(one_layer("Gemm", stored, extra=nodes, transB=1), "share:values=16")
    assert array(smaller).dtype == np.int8 and len(np.unique(array(smaller))) == 16


def test_a_layer_too_small_for_a_code_book_stays_which_is_said():
    model = one_layer("MatMul", random_weight((8, 64)))
    model.graph.node[0].output[0] = "hidden"
    model.graph.node.append(helper.make_node("MatMul", ["hidden", "v"], ["y"], "second"))
    model.graph.initializer.append(one_layer("MatMul", random_weight((64, 1))).graph.initializer[0])
    model.graph.initializer[1].name = "v"
    smaller = applied(model, "share:values=64")
    assert np.array_equal(array(smaller, "v"), array(model, "v"))
    notes = from_onnx_model(smaller, "two").notes
    assert notes == (
        "share:values=64 left whole, of 2 weights: 1 with too few weights for a code book",
    )


def test_sizes_alone_are_those_of_values():
    model = one_layer("Conv", random_weight((32, 16, 3, 3)))
    for step in ("share", "share:per=channel", "prune:nm=2of4,share:values=4"):
        steps = parse_steps(step)
        (sized,) = sized_by_steps(from_onnx_model(model, "one"), steps).layers
        measured, expected = survey(applied(model, step))["w"], sized.weights[0].packing
        assert (measured.values, measured.codebooks) == (expected.values, expected.codebooks)
        assert (measured.kept, measured.group) == (expected.kept, expected.group)


def test_a_refit_keeps_zeros_and_how_many_values_there_are():
    model = one_layer("Gemm", random_weight((8, 16)), transB=1)
    x = np.random.default_rng(2).normal(size=(64, 2, 16)).astype(np.float32)
    data = Calibration(tuple({"x": each} for each in x), "random")
    steps = parse_steps("prune:nm=2of4,share:values=4:refit")
    *_, pruned, last = apply_steps(model, steps, data)
    assert (array(last.model)[array(pruned.model) == 0] == 0).all()
    assert len(np.unique(array(last.model))) <= 4


@pytest.mark.parametrize("values", ["1", "257", "0", "-3"])
def test_values_out_of_range_are_refused(values):
    with pytest.raises(InputError, match=f"values {values} is out of range; allowed is 2 to 256"):
        parse_steps(f"share:values={values}")


def test_a_step_that_makes_no_layer_smaller_says_so():
    with pytest.raises(InputError, match="share:values=256 applies to no layer: 1 with too few"):
        applied(one_layer("MatMul", random_weight((8, 8))), "share:values=256")


@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf])
def test_weights_that_are_no_finite_numbers_are_refused(odd):
    weight = random_weight((16, 32))
    weight[3, 5] = odd
    with pytest.raises(InputError, match="weight 'w' has values that are no finite numbers"):
        applied(one_layer("MatMul", weight), "share")
