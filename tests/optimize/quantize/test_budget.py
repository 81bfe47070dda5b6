"""A budget of bits is kept, by the weights whose noise is the least."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfsrt.network import from_onnx_model
from dfsrt.optimize import parse_steps, sized_by_steps
from dfsrt.optimize.quantize.budget import Cost, cheapest
from dfsrt.optimize.quantize.sensitivity import noises
from dfsrt.testing.models import odd_models, random_calibration


def mean_bits(costs, narrow):
    bits = sum(c.elements * (4 if c.name in narrow else 8) for c in costs)
    return bits / sum(c.elements for c in costs)


def test_the_quiet_layers_go_first():
    costs = [Cost("loud", 100, 0.5), Cost("quiet", 100, 0.01), Cost("large", 200, 0.02)]
    assert cheapest(costs, 8) == frozenset()
    assert cheapest(costs, 6) == {"large"}  # 0.0001 an element, as quiet, and enough
    assert cheapest(costs, 5) == {"large", "quiet"}
    assert cheapest(costs, 4) == {"large", "quiet", "loud"}


several = st.lists(st.tuples(st.integers(1, 1000), st.floats(0, 1)), min_size=1, max_size=6).map(
    lambda rows: [Cost(f"w{i}", *row) for i, row in enumerate(rows)]
)


@given(several, st.floats(4, 8))
def test_the_budget_is_kept_and_nothing_is_narrow_without_need(costs, bits):
    narrow = cheapest(costs, bits)
    assert mean_bits(costs, narrow) <= bits + 1e-9
    assert all(mean_bits(costs, narrow - {name}) > bits - 1e-9 for name in narrow)


@given(several, st.floats(4, 8))
def test_no_choice_has_less_noise_by_more_than_one_layer(costs, bits):
    """Against all choices: greedy by noise a bit is at most the last layer taken from the best."""
    noise = {c.name: c.noise for c in costs}
    best = min(
        sum(noise[n] for n in names)
        for count in range(len(costs) + 1)
        for names in combinations(noise, count)
        if mean_bits(costs, names) <= bits
    )
    ours = sum(noise[n] for n in cheapest(costs, bits))
    assert ours <= best + max(noise.values()) + 1e-9


def test_the_noise_of_a_layer_is_what_its_outputs_show():
    """Against the layer itself, run with both weights on inputs without correlation."""
    model = odd_models()["products of odd rows"]
    data = random_calibration(model, 400)
    del model.graph.node[1:]
    model.graph.output[0].CopyFrom(type(model.graph.output[0])(name=model.graph.node[0].output[0]))
    weight = np.frombuffer(model.graph.initializer[0].raw_data, np.float32).reshape(37, 48)
    scale = np.abs(weight).max(axis=0) / 7.5
    rounded = np.clip(np.rint(weight / scale), -8, 7) * scale
    x = np.concatenate([s["x"] for s in data.samples])
    expected = np.square(x @ (weight - rounded)).sum() / np.square(x @ weight).sum()
    model.graph.output[0].type.tensor_type.elem_type = 1
    assert noises(model, data)[model.graph.initializer[0].name] == pytest.approx(expected, rel=0.05)


def test_a_file_and_sizes_alone_keep_the_budget():
    model = odd_models()["convolutions and a residual"]
    step = parse_steps("mixed:bits=5.5")[0]
    file = from_onnx_model(step.apply(model, random_calibration(model)), "file")
    for network in (file, sized_by_steps(from_onnx_model(model, "t"), [step])):
        weights = [t for a in network.layers for t in a.multiplied if t.dtype in ("int8", "int4")]
        weights = [t for t in weights if t in [w for a in network.layers for w in a.weights]]
        bits = sum(t.elements * t.bits for t in weights) / sum(t.elements for t in weights)
        assert {t.bits for t in weights} == {4, 8}
        assert bits <= 5.5
