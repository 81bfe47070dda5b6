"""Kernel regression: what it gives between and at its centers, and as ONNX."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfsrt.power.learn.kernel import LENGTH, NOISE, Kernel, fit_kernel
from dfsrt.power.learn.kernel_graph import kernel_nodes


def one_center(at: float) -> Kernel:
    one = np.ones(1)
    return Kernel(
        0 * one, one, one, np.array([[at]]), np.array([[2.0, -1.0]]), np.array([5.0, 0.0])
    )


def test_a_hand_worked_answer_falls_with_distance():
    # Three away: r = sqrt(3) * 3 / LENGTH, and the kernel is (1 + r) exp(-r).
    r = math.sqrt(3) * 3 / LENGTH
    share = (1 + r) * math.exp(-r)
    answer = one_center(1.0).predict(np.array([[1.0], [4.0]]))
    assert answer[0] == pytest.approx([7.0, -1.0])
    assert answer[1] == pytest.approx([5.0 + 2.0 * share, -share])


def test_nothing_lies_further_than_four_spreads():
    answers = one_center(0.0).predict(np.array([[4.0], [1e9]]))
    assert answers[0] == pytest.approx(answers[1])


def rows(seed: int, count: int = 60):
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(count, 3))
    return features, np.column_stack([features[:, 0], np.sin(features[:, 1])])


def slow_answers(kernel: Kernel, features):
    """The same sum, number by number."""
    found = []
    for row in features:
        total = list(kernel.level)
        for center, weights in zip(kernel.centers, kernel.weights, strict=True):
            square = 0.0
            for i, value in enumerate(row):
                z = min(4.0, max(-4.0, (value - kernel.mean[i]) / kernel.spread[i]))
                square += (z * kernel.stretch[i] - center[i]) ** 2
            r = math.sqrt(3 * square) / LENGTH
            total = [t + w * (1 + r) * math.exp(-r) for t, w in zip(total, weights, strict=True)]
        found.append(total)
    return np.array(found)


@given(st.integers(0, 5))
def test_answers_are_the_sum_over_centers(seed):
    features, targets = rows(seed, 20)
    kernel = fit_kernel(features, targets, seed=0)
    asked = rows(seed + 100, 5)[0]
    assert kernel.predict(asked) == pytest.approx(slow_answers(kernel, asked), rel=1e-6, abs=1e-9)


def test_what_is_left_at_a_center_is_its_weight_times_the_noise():
    features, targets = rows(1)
    kernel = fit_kernel(features, targets, seed=0)
    left = targets - kernel.predict(features)
    assert left == pytest.approx(NOISE * kernel.weights, abs=1e-8)


def test_a_smooth_function_is_learned_between_its_readings():
    kernel = fit_kernel(*rows(1, 300), seed=0)
    asked, expected = rows(2)
    assert np.abs(kernel.predict(asked) - expected).mean() < 0.05


def test_onnx_gives_the_same_answers():
    import onnxruntime
    from onnx import TensorProto, helper

    kernel = fit_kernel(*rows(3), seed=0)
    nodes, constants = kernel_nodes(kernel, "answers")
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, [None, 3])],
        [helper.make_tensor_value_info("answers", TensorProto.FLOAT, [None, 2])],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    session = onnxruntime.InferenceSession(model.SerializeToString())
    asked = rows(4)[0]
    (found,) = session.run(None, {"features": asked.astype(np.float32)})
    assert found == pytest.approx(kernel.predict(asked), abs=1e-3)
