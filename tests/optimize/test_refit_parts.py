"""The parts of a refit: its equations, stretches of a network, and weights stored as codes."""

from __future__ import annotations

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from dfsrt.optimize import Calibration
from dfsrt.optimize.refit import refit_with_facts
from dfsrt.optimize.refit.descent import descended_change
from dfsrt.optimize.refit.masked import masked_change
from dfsrt.optimize.refit.parts import Parts
from dfsrt.optimize.refit.problem import Problem
from dfsrt.optimize.refit.walk import Walk
from tests.helpers.least_squares import outputs
from tests.optimize.builders import array, one_layer


def drawn_problem(rows, inputs, centred):
    rng = np.random.default_rng(rows + inputs)
    mix = rng.normal(size=(inputs, inputs)) / inputs**0.5 + np.eye(inputs)
    values = (rng.normal(size=(rows, inputs)) @ mix + 1).astype(np.float32)
    rest = rng.normal(size=(rows, 5)).astype(np.float32) + 3
    free = rng.random((5, inputs)) < 0.5
    free[1], free[2] = free[0], False
    return Problem(values, rest, centred), free


def augmented(problem, free):
    """The least squares of each output, by an orthogonal factor of rows, pulls and a constant."""
    inputs, rest = problem.inputs.astype(float), problem.rest.astype(float)
    pull = np.sqrt(
        1e-3 * np.square(inputs - inputs.mean(axis=0) * problem.centred).sum(axis=0).mean()
    )
    change = np.zeros(free.shape)
    for output, some in enumerate(free):
        ones = np.full((len(inputs), 1), float(problem.centred))
        pulls = np.hstack([pull * np.eye(some.sum()), np.zeros((some.sum(), 1))])
        system = np.vstack([np.hstack([inputs[:, some], ones]), pulls])
        right = np.concatenate([rest[:, output], np.zeros(some.sum())])
        change[output, some] = np.linalg.lstsq(system, right)[0][:-1]
    return change


@pytest.mark.parametrize("centred", [False, True])
@pytest.mark.parametrize("rows", [15, 80, 300])
@pytest.mark.parametrize("inputs", [10, 70, 160])
def test_every_way_to_solve_gives_the_augmented_system(rows, inputs, centred):
    problem, free = drawn_problem(rows, inputs, centred)
    np.testing.assert_allclose(
        masked_change(problem, free), augmented(problem, free), rtol=1e-5, atol=1e-6
    )


def assert_near(problem, change, best):
    """The change has all but a thousandth of what the best one gains."""

    def cost(tried):
        rest = problem.rest - problem.rest_middle - (problem.inputs - problem.middle) @ tried.T
        return np.square(rest).sum() + problem.pull * np.square(tried).sum()

    assert cost(change) - cost(best) <= 1e-3 * (cost(0 * best) - cost(best))


@pytest.mark.parametrize(("rows", "inputs"), [(40, 150), (400, 150)])
def test_long_rows_descend_to_the_augmented_system(rows, inputs):
    problem, free = drawn_problem(rows, inputs, True)
    change = descended_change(problem, free)
    assert_near(problem, change, augmented(problem, free))
    assert not change[~free].any()


def test_rows_of_thousands_of_inputs_need_no_equations_of_that_size(monkeypatch):
    few, _ = drawn_problem(20, 30, False)
    inputs = np.tile(few.inputs, 200) * np.linspace(0.5, 2, 6000, dtype=np.float32)
    problem, free = Problem(inputs, few.rest, False), np.arange(30000).reshape(5, 6000) % 3 == 0
    monkeypatch.setattr(Problem, "_products", None)
    some = inputs[:, free[0]].astype(float)
    pull = 1e-3 * np.square(inputs, dtype=float).sum() / 6000
    best = np.zeros(free.shape)
    best[:, free[0]] = np.linalg.solve(some @ some.T + pull * np.eye(20), few.rest).T @ some
    assert_near(problem, masked_change(problem, free), best)


def test_a_walk_in_stretches_makes_what_one_run_makes():
    """With a branch that is read late, and one that a subgraph reads from outside."""
    real = TensorProto.FLOAT
    then = helper.make_graph(
        [helper.make_node("Mul", ["a", "c"], ["t"])], "then", [],
        [helper.make_tensor_value_info("t", real, None)],
    )  # fmt: skip
    other = helper.make_graph(
        [helper.make_node("Neg", ["a"], ["e"])], "else", [],
        [helper.make_tensor_value_info("e", real, None)],
    )  # fmt: skip
    nodes = [
        helper.make_node("Relu", ["x"], ["a"]),
        helper.make_node("Neg", ["w"], ["c"]),
        helper.make_node("Exp", ["a"], ["b"]),
        helper.make_node("ReduceMax", ["b"], ["m"], keepdims=0),
        helper.make_node("Greater", ["m", "w"], ["is"]),
        helper.make_node("If", ["is"], ["i"], then_branch=then, else_branch=other),
        helper.make_node("Add", ["i", "b"], ["y"]),
    ]
    graph = helper.make_graph(
        nodes, "walk", [helper.make_tensor_value_info("x", real, [3])],
        [helper.make_tensor_value_info("y", real, None)],
        [numpy_helper.from_array(np.float32(2.5), "w")],
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    feeds = tuple({"x": np.float32([s, -1, s / 2])} for s in (0.1, 1.5))
    walk = Walk(Parts(model), feeds)
    for place in range(1, len(walk.parts.nodes) + 1):
        walk.advance(place, "y")
    assert [sorted(state) for state in walk.states] == [["y"], ["y"]]
    np.testing.assert_array_equal([s["y"] for s in walk.states], outputs(model, feeds))


@pytest.mark.parametrize(("kind", "block"), [(np.int8, 0), (np.uint8, 0), (np.int8, 4)])
def test_codes_stay_codes_on_the_same_steps(kind, block):
    rng = np.random.default_rng(2)
    zero = 0 if kind == np.int8 else 128
    codes = (rng.integers(-90, 90, (8, 12)) + zero).astype(kind)
    shape, axis = ((8, 3), {"axis": 1, "block_size": 4}) if block else ((8,), {"axis": 0})
    stored = {
        "w": codes,
        "s": rng.uniform(0.01, 0.02, shape).astype(np.float32),
        "z": np.full(shape, zero, kind),
    }
    decode = helper.make_node("DequantizeLinear", ["w", "s", "z"], ["decoded"], **axis)
    bias = rng.normal(size=8).astype(np.float32)
    model = one_layer("Gemm", stored, bias, [decode], transB=1)
    free = rng.random(codes.shape) < 0.5
    smaller = type(model)()
    smaller.CopyFrom(model)
    smaller.graph.initializer[0].CopyFrom(
        numpy_helper.from_array(np.where(free, codes, zero).astype(kind), "w")
    )
    mix = rng.normal(size=(4, 12))  # inputs that go together: one makes up for another
    drawn = [rng.normal(size=(2, 4)) @ mix + rng.normal(size=(2, 12)) / 9 for _ in range(60)]
    feeds = tuple({"x": x.astype(np.float32)} for x in drawn)
    fitted, facts = refit_with_facts(model, smaller, {"w": free}, Calibration(feeds, "drawn"))
    assert facts.taken == 1 and array(fitted).dtype == kind
    assert (array(fitted)[~free] == zero).all() and (array(fitted)[free] != codes[free]).any()
    target, held_out = outputs(model, feeds), feeds[4::5]
    before, after = (np.square(outputs(m, feeds) - target).mean() for m in (smaller, fitted))
    assert after < before
    error = np.square(outputs(fitted, held_out) - target[4::5]).mean()
    assert facts.layers[0].after == pytest.approx(error, rel=1e-4)


def test_where_a_code_ends_the_others_make_up_for_it():
    """Against least squares within bounds, of scipy."""
    from scipy.optimize import lsq_linear

    rng = np.random.default_rng(7)
    mix = rng.uniform(0.5, 1.5, (2, 6))
    drawn = (rng.normal(size=(400, 2)) @ mix + rng.normal(size=(400, 6)) / 5).astype(np.float32)
    codes = np.array([[120], [120], [40], [40], [60], [60]], np.int8)
    stored = {"w": codes, "s": np.float32(0.01)}
    decode = helper.make_node("DequantizeLinear", ["w", "s"], ["decoded"])
    model = one_layer("MatMul", stored, None, [decode])
    free = np.array([[True, True, True, True, False, False]])
    smaller = type(model)()
    smaller.CopyFrom(model)
    smaller.graph.initializer[0].CopyFrom(numpy_helper.from_array(np.where(free.T, codes, 0), "w"))
    feeds = tuple({"x": x} for x in np.split(drawn, 200))
    fitted, facts = refit_with_facts(model, smaller, {"w": free}, Calibration(feeds, "drawn"))
    target = drawn.astype(float) @ codes[:, 0] / 100
    best = lsq_linear(drawn[:, :4].astype(float), target, (-1.28, 1.27))
    assert (array(fitted) == 127).sum() in (1, 2, 3) and facts.taken == 1
    after = np.square(np.ravel(outputs(fitted, feeds)) - target).mean()
    assert after == pytest.approx(2 * best.cost / 400, rel=0.01)
