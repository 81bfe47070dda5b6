"""Whole networks on a real card: layers in a row, one limit for their mean."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfsrt.network import Kind, Layer, Tensor
from dfsrt.power.card import ClockLaw
from dfsrt.power.whole import running, switch_s_of, whole_of

LAW = ClockLaw(limit_w=700.0, highest_hz=2e9, exponent=2.0, rest_w=60.0)


def array(*values: float) -> np.ndarray:
    return np.array(values, dtype=np.float64)


def test_two_light_layers_by_hand():
    whole = whole_of(LAW, 1e-6, array(300.0, 500.0), array(10e-6, 30e-6), array(2e9, 2e9))
    assert whole.latency_s == pytest.approx(42e-6)
    assert whole.energy_j == pytest.approx(300 * 10e-6 + 500 * 30e-6 + 60 * 2e-6)
    assert whole.clock_hz == 2e9
    assert whole.switches_s == pytest.approx(2e-6)


def test_a_layer_held_down_alone_runs_free_beside_light_ones():
    # Alone it asks for 700 / 0.9^2 = 864 W and runs at 0.9 of the clock; beside as long a layer of
    # 300 W the mean asks for less than the limit.
    whole = whole_of(LAW, 0.0, array(700.0, 300.0), array(10e-6, 9e-6), array(1.8e9, 2e9))
    assert whole.clock_hz == 2e9
    assert whole.latency_s == pytest.approx(10e-6 * 0.9 + 9e-6)
    assert whole.energy_j == pytest.approx(700 / 0.81 * 9e-6 + 300 * 9e-6)


@given(st.floats(0.5, 0.98), st.integers(1, 50))
def test_a_network_of_one_held_layer_is_that_layer_again_and_again(share, count):
    layers = (array(*[700.0] * count), array(*[10e-6] * count), array(*[share * 2e9] * count))
    whole = whole_of(LAW, 0.0, *layers)
    assert whole.latency_s == pytest.approx(count * 10e-6)
    assert whole.energy_j == pytest.approx(700.0 * count * 10e-6)
    assert whole.clock_hz == pytest.approx(share * 2e9)


@given(
    st.lists(st.tuples(st.floats(80, 650), st.floats(1e-6, 1e-3)), min_size=1, max_size=30),
    st.floats(0, 3e-6),
)
def test_without_a_limit_a_network_is_the_sum_of_its_layers_and_switches(layers, switch_s):
    watts, seconds = np.array(layers).T
    whole = whole_of(LAW, switch_s, watts, seconds, np.full(len(watts), 2e9))
    assert whole.latency_s == pytest.approx(seconds.sum() + switch_s * len(layers))
    energy_j = (watts * seconds).sum() + 60.0 * switch_s * len(layers)
    assert whole.energy_j == pytest.approx(energy_j)


@given(st.floats(0.0, 5e-6), st.lists(st.integers(1, 900), min_size=2, max_size=20))
def test_planted_switches_are_found_again(switch_s, layers):
    rest = [switch_s * n for n in layers]
    found = switch_s_of(rest, layers, [n * 10e-6 for n in layers])
    assert found == pytest.approx(switch_s, abs=1e-12)


def test_switches_are_never_below_zero():
    assert switch_s_of([-1e-6, -2e-6], [1, 2], [1e-5, 1e-5]) == 0.0


def step(op: str, data: Tensor, out: Tensor, kind: Kind) -> Layer:
    return Layer(f"{op}_{out.name}", op, kind, (), (data,), (), (out,))


def test_a_flattened_image_is_turned_by_a_layer_of_its_own_in_channels_last_alone():
    image, pooled = Tensor("x", (2, 8, 5, 6), "float16"), Tensor("y", (2, 8, 5, 6), "float16")
    flat = Tensor("f", (2, 240), "float16")
    layers = [
        step("MaxPool", image, pooled, Kind.VECTOR),
        step("Flatten", pooled, flat, Kind.VIEW),
    ]
    timed, layouts = running(layers, "nhwc")
    assert [a.op for a in timed] == ["MaxPool", "Transpose"]
    assert layouts == ["nhwc", "nchw"]
    assert timed[1].inputs[0].shape == (2, 8, 30)
    assert timed[1].outputs[0].shape == (2, 30, 8)
    assert [a.op for a in running(layers, "nchw")[0]] == ["MaxPool"]
