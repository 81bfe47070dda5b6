"""Refits: what remains of a layer against the augmented system of all its elements."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import helper

from dfsrt.base.errors import InputError
from dfsrt.network.packed import step_notes
from dfsrt.optimize import Calibration, parse_steps
from dfsrt.optimize.data import load_calibration
from dfsrt.optimize.fidelity import fidelity
from dfsrt.optimize.refit import refit, refit_with_facts
from dfsrt.optimize.source import model_with_values
from dfsrt.optimize.weights import weights_of
from tests.helpers.least_squares import best, layer_model, outputs, with_values
from tests.optimize.builders import array


def draws(rng, shape, count):
    return tuple({"x": rng.normal(size=shape).astype(np.float32)} for _ in range(count))


def judged_on_the_same(feeds):
    """Data with each of ``feeds`` five times: four are fitted on, and each fifth sample judges."""
    fitted = feeds * 4
    order = (each for k, judge in enumerate(feeds) for each in (*fitted[4 * k :][:4], judge))
    return Calibration(tuple(order), "drawn")


def as_matrix(model, values):
    (weight,) = weights_of(model)
    return weight.matrix(values)


UP, LOW, TO = {"auto_pad": "SAME_UPPER"}, {"auto_pad": "SAME_LOWER"}, {"output_shape": [8, 8]}
SPREAD = "ConvTranspose"
LAYERS = {
    "conv": ("Conv", (1, 2, 6, 5), (3, 2, 3, 2), {"strides": [2, 1], "pads": [1, 0, 0, 1]}),
    "dilated": ("Conv", (2, 2, 6, 6), (2, 2, 2, 3), {"dilations": [3, 2]}),
    "same upper": ("Conv", (1, 1, 6, 5), (2, 1, 3, 2), {"strides": [2, 2], **UP}),
    "same lower": ("Conv", (1, 1, 6, 5), (2, 1, 2, 4), LOW),
    "valid": ("Conv", (1, 1, 6, 5), (2, 1, 3, 2), {"auto_pad": "VALID"}),
    "grouped": ("Conv", (1, 4, 5, 5), (6, 2, 2, 2), {"group": 2}),
    "depthwise": ("Conv", (1, 3, 5, 5), (6, 1, 3, 3), {"group": 3, "pads": [1, 1, 1, 1]}),
    "1-D": ("Conv", (1, 3, 12), (2, 3, 4), {"strides": [3]}),
    "3-D": ("Conv", (1, 1, 4, 4, 5), (2, 1, 2, 2, 3), {"pads": [0, 1, 0, 0, 0, 1]}),
    "spread": (SPREAD, (1, 2, 3, 4), (2, 3, 3, 2), {"strides": [2, 3], "pads": [1, 0, 0, 1]}),
    "spread in groups": (SPREAD, (1, 4, 3, 3), (4, 2, 2, 2), {"group": 2, "dilations": [2, 1]}),
    "spread to a size": (SPREAD, (1, 1, 4, 4), (1, 2, 3, 3), {"strides": [2, 2], **TO}),
    "spread, same": (SPREAD, (1, 1, 4, 4), (1, 2, 3, 3), {"strides": [2, 2], **UP}),
    "gemm": ("Gemm", (7, 5), (5, 3), {"alpha": 0.5, "beta": 2.0}),
    "gemm turned": ("Gemm", (5, 7), (3, 5), {"transA": 1, "transB": 1}),
    "matmul": ("MatMul", (2, 4, 5), (5, 3), {}),
}


def drawn_layer(layer):
    """A model of one product with random weights, and which group each of them is of."""
    op, x_shape, shape, attributes = LAYERS[layer]
    rng, groups = np.random.default_rng(len(layer)), attributes.get("group", 1)
    width = {"Conv": shape[0], SPREAD: shape[1] * groups, "Gemm": 3}.get(op)
    bias = None if width is None else rng.normal(size=width)
    model = layer_model(op, x_shape, rng.normal(size=shape), bias, **attributes)
    along = np.arange(shape[0]) * groups // shape[0]
    group = np.broadcast_to(along.reshape(-1, *[1] * (len(shape) - 1)), shape)
    return model, group, draws(rng, x_shape, 6), rng


def changed(model, values):
    """The model with other values of ``w``, its bias as it is."""
    stored = {t.name: array(model, t.name) for t in model.graph.initializer}
    return with_values(model, {**stored, "w": values})


def assert_fits(fitted, smaller, change, bias_change):
    expected = array(smaller) + change.reshape(array(smaller).shape)
    np.testing.assert_allclose(array(fitted), expected, atol=2e-5)
    if bias_change.size:
        np.testing.assert_allclose(array(fitted, "b"), array(smaller, "b") + bias_change, atol=2e-5)


@pytest.mark.parametrize("layer", LAYERS)
def test_free_elements_become_the_least_squares_of_the_normal_equations(layer):
    model, group, feeds, rng = drawn_layer(layer)
    free = rng.random(group.shape) < 0.6
    smaller = changed(model, array(model) * free)
    tied = np.where(free, np.arange(free.size).reshape(free.shape), -1)
    fitted = refit(model, smaller, {"w": as_matrix(model, free)}, judged_on_the_same(feeds))
    assert_fits(fitted, smaller, *best(model, smaller, feeds, tied, group))
    assert not array(fitted)[~free].any()


@pytest.mark.parametrize("layer", ["conv", "grouped", "depthwise", "gemm", "matmul"])
@pytest.mark.parametrize("per_output", [False, True])
def test_shared_values_become_the_least_squares_of_all_their_elements(layer, per_output):
    model, group, feeds, rng = drawn_layer(layer)
    labels = rng.integers(-1, 3, as_matrix(model, array(model)).shape)
    if per_output:
        labels = np.where(labels < 0, -1, labels + 10 * np.arange(len(labels))[:, None])
    (weight,) = weights_of(model)
    tied = weight.tensor_of(labels).reshape(group.shape)
    smaller = changed(model, np.where(tied < 0, 0.25, np.sin(tied)))
    fitted = refit(model, smaller, {"w": labels}, judged_on_the_same(feeds))
    assert_fits(fitted, smaller, *best(model, smaller, feeds, tied, group))
    assert (array(fitted)[tied < 0] == 0.25).all()
    for label in np.unique(tied[tied >= 0]):
        assert len(np.unique(array(fitted)[tied == label])) == 1


def test_one_weight_left_of_two_is_the_quotient_of_sums():
    x = np.array([[1, 1], [2, 1]], np.float32)
    model = layer_model("MatMul", (2, 2), np.array([[2.0], [3.0]]))
    smaller = with_values(model, {"w": [[2.0], [0.0]]})
    first = np.array([[True, False]])
    fitted = refit(model, smaller, {"w": first}, judged_on_the_same(({"x": x},)))
    pull = 1e-3 * (5 + 2) / 2  # outputs 5 and 7; 1 * 5 + 2 * 7 = 19
    assert array(fitted).ravel() == pytest.approx([(19 + pull * 2) / (5 + pull), 0], rel=1e-6)


@settings(max_examples=25)
@given(seed=st.integers(0, 10**6), count=st.integers(5, 12), inputs=st.integers(1, 12))
def test_a_refit_never_worsens_a_layer_on_samples_that_it_was_not_fitted_on(seed, count, inputs):
    rng = np.random.default_rng(seed)
    weights, free = rng.normal(size=(inputs, 4)), rng.random((inputs, 4)) < 0.5
    model = layer_model("Gemm", (1, inputs), weights, rng.normal(size=4))
    smaller = changed(model, weights * free)
    feeds = draws(rng, (1, inputs), count)
    fitted, facts = refit_with_facts(model, smaller, {"w": free.T}, Calibration(feeds, "drawn"))
    judged = feeds[4::5]
    target = outputs(model, judged)
    before = np.square(outputs(smaller, judged) - target).mean()
    after = np.square(outputs(fitted, judged) - target).mean()
    assert after < before or fitted == smaller
    assert (facts.taken == 1) == (fitted != smaller)
    assert not array(fitted)[~free].any()
    if facts.taken:
        assert facts.layers[0].after == pytest.approx(after, rel=1e-3, abs=1e-9)


def test_a_refit_does_not_look_at_the_samples_that_answers_are_measured_on():
    model, _, feeds, rng = drawn_layer("gemm")
    free = rng.random(array(model).shape) < 0.6
    smaller, freedoms = changed(model, array(model) * free), {"w": as_matrix(model, free)}
    unlike = Calibration(tuple({"x": -9 * each["x"]} for each in feeds), "unlike")
    alone = judged_on_the_same(feeds)
    first, second = (
        refit(model, smaller, freedoms, data) for data in (alone, replace(alone, held_out=unlike))
    )
    assert first == second != smaller


def perceptron(rng, second="w2"):
    """Two products with an Add behind each; ``second`` is the weight of the other one."""
    stored = {"w": rng.normal(size=(6, 6)), "b": rng.normal(size=6), "c": rng.normal(size=(1, 6))}
    stored["w2"] = rng.normal(size=(6, 6))
    model = layer_model("MatMul", (3, 6), stored["w"])
    del model.graph.node[:]
    for op, inputs, output in (
        ("MatMul", ["x", "w"], "m"),
        ("Add", ["m", "b"], "s"),
        ("Relu", ["s"], "r"),
        ("MatMul", ["r", second], "n"),
        ("Add", ["c", "n"], "y"),
    ):
        model.graph.node.append(helper.make_node(op, inputs, [output]))
    for name in ("b", "c", "w2"):
        model.graph.initializer.add().name = name
    return with_values(model, stored)


def test_the_second_layer_makes_up_for_the_first_and_biases_behind_products_move():
    rng = np.random.default_rng(3)
    model, feeds = perceptron(rng), draws(np.random.default_rng(4), (3, 6), 200)
    free, whole = rng.random((6, 6)) < 0.5, np.ones((6, 6), np.bool_)
    smaller = changed(model, array(model) * free.T)
    given = smaller.SerializeToString()
    seen, data = [], judged_on_the_same(feeds)
    fitted, facts = refit_with_facts(
        model, smaller, {"w2": whole, "w": free}, data, lambda *done: seen.append(done)
    )
    assert [layer.weight for layer in facts.layers] == ["w", "w2"]
    assert seen == [(1, 2), (2, 2)] and str(facts) == "2 of 2 layers refitted"
    assert smaller.SerializeToString() == given
    assert not np.allclose(array(fitted, "b"), array(model, "b"))
    assert array(fitted, "c").shape == (1, 6)
    first = refit(model, smaller, {"w": free}, data)
    for refitted, error in ((first, facts.layers[1].before), (fitted, facts.layers[1].after)):
        difference = outputs(refitted, feeds) - outputs(model, feeds)
        assert error == pytest.approx(np.square(difference).mean(), rel=1e-4)


def test_a_layer_that_cannot_be_fitted_is_left_and_said():
    rng, whole = np.random.default_rng(5), np.ones((6, 6), np.bool_)
    model, data = perceptron(rng, "w"), Calibration(draws(rng, (3, 6), 5), "drawn")
    fitted, facts = refit_with_facts(model, model, {"w": whole}, data)
    assert fitted == model
    said = "0 of 1 layers refitted (1 left: several nodes read the weight)"
    assert str(facts) == said
    assert step_notes(refit(model, model, {"w": whole}, data)) == (said,)
    model = perceptron(rng)
    assert "nothing may change" in str(refit_with_facts(model, model, {"w": ~whole}, data)[1])


@pytest.mark.parametrize(
    ("freedoms", "feeds", "words"),
    [
        ({"u": np.ones((3, 5), np.bool_)}, {"x": np.ones((7, 5))}, "'u' is no weight"),
        ({"w": np.ones((5, 3), np.bool_)}, {"x": np.ones((7, 5))}, r"labels of shape \[3, 5\]"),
        ({"w": np.ones((3, 5))}, {"x": np.ones((7, 5))}, "float64"),
        ({"w": np.ones((3, 5), np.bool_)}, {"z": np.ones((7, 5))}, "have z, and the model takes x"),
    ],
)
def test_freedoms_and_data_that_do_not_fit_are_refused(freedoms, feeds, words):
    model = drawn_layer("gemm")[0]
    with pytest.raises(InputError, match=words):
        refit(model, model, freedoms, Calibration((feeds,), "wrong"))


def test_pruned_digits_answer_as_well_as_before():
    """98 % before; 2 of 4 costs 10 points, and the refit gives them back."""
    model = model_with_values("digits")
    data = load_calibration("digits", model, None, 0)
    step, fit = parse_steps("prune:nm=2of4,prune:nm=2of4:refit")
    pruned, fitted = (fidelity(model, s.apply(model, data), data) for s in (step, fit))
    assert pruned.accuracy < 0.92 and fitted.accuracy > 0.97
    assert fitted.sqnr_db > pruned.sqnr_db + 20
