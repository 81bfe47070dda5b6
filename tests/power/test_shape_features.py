"""Features of shapes, the clock law, and what a model of a card says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfsrt.network import load_network
from dfsrt.network.layer import Kind, Layer
from dfsrt.network.probe import make_probe
from dfsrt.network.tensor import Tensor
from dfsrt.power.card import ClockLaw
from dfsrt.power.clock_law import demand_w, settled
from dfsrt.power.gpu import predict_layers
from dfsrt.power.models import open_model
from dfsrt.power.shape_features import feature_names, roofline_s, shape_features

LAW = ClockLaw(limit_w=700.0, highest_hz=2e9, exponent=3.0, rest_w=60.0)


def conv(n=8, c=64, hw=56, filters=128, kernel=3, dtype="float16", bias=False, group=1):
    shapes = [
        (n, c, hw, hw),
        (filters, c // group, kernel, kernel),
        *([(filters,)] if bias else []),
    ]
    pads = [kernel // 2] * 4
    return make_probe("c", "Conv", shapes, dtype, pads=pads, group=group).layer


def features_of(layer, layout="nchw"):
    return dict(zip(feature_names(), shape_features([layer], [layout])[0], strict=True))


def test_features_of_a_convolution_by_hand():
    found = dict(zip(feature_names(), shape_features([conv()])[0], strict=True))
    macs = 8 * 56 * 56 * 64 * 9 * 128
    moved = 2 * (8 * 64 * 56 * 56 + 128 * 64 * 9 + 8 * 128 * 56 * 56)
    assert found["log_macs"] == pytest.approx(np.log2(macs), rel=1e-6)
    assert found["log_bytes"] == pytest.approx(np.log2(moved), rel=1e-6)
    assert found["log_kernel"] == pytest.approx(np.log2(9), rel=1e-6)
    assert found["twos_n"] == 4.0
    assert found["is_Conv"] == 1.0
    assert sum(v for k, v in found.items() if k.startswith("is_") and k[3].isupper()) == 1.0
    # 196 x 1 tiles of 128 x 128 on 132 multiprocessors: two waves, the second not full.
    assert found["fill_128x128"] == pytest.approx(196 / 264, rel=1e-6)


def test_weights_count_the_same_in_the_file_and_passed_in():
    whole = [a for a in load_network("resnet50", fuse=False).layers if a.op == "Conv"]
    first = whole[0]
    shapes = [t.shape for t in (*first.inputs, *first.weights)]
    passed_in = make_probe("c", "Conv", shapes, "float32", pads=[3] * 4, strides=[2, 2]).layer
    assert first.weights
    assert not passed_in.weights
    assert shape_features([first]) == pytest.approx(shape_features([passed_in]))


def test_the_first_guess_of_a_product_by_hand():
    layer = make_probe("m", "MatMul", [(4096, 4096), (4096, 4096)], "float16").layer
    # 6.9e10 products at 400e12 a second, 101 MB at 2.8 TB/s, one launch.
    expected = 4096**3 / 400e12 + 3 * 2 * 4096**2 / 2.8e12 + 1.5e-6
    assert roofline_s([layer])[0] == pytest.approx(expected)


def test_the_first_guess_of_a_bias_and_of_turning_to_channels_last_by_hand():
    bare, biased = conv(), conv(bias=True)
    moved, out = 2 * (8 * 64 * 56 * 56 + 128 * 64 * 9 + 8 * 128 * 56 * 56), 2 * 8 * 128 * 56 * 56
    last, plain = roofline_s([bare, bare], ["nhwc", "nchw"])
    assert plain - last == pytest.approx(moved / 5e12)
    extra = roofline_s([biased], ["nhwc"])[0] - last
    # The result once more in and out, a second launch, and 256 bytes of the bias itself.
    assert extra == pytest.approx((2 * out + 256) / 5e12 + 1.5e-6)


def test_an_activation_that_joined_takes_the_bias_along():
    biased = conv(bias=True)
    joined = replace(biased, joined=("Relu",), fused_ops=biased.outputs[0].elements)
    apart, one = roofline_s([biased, joined], ["nhwc"] * 2)
    assert one < apart
    assert features_of(joined)["is_joined"] == 1.0
    assert features_of(biased)["is_joined"] == 0.0


def test_layout_and_bias_are_told_apart():
    assert features_of(conv(), "nhwc")["is_nhwc"] == 1.0
    assert features_of(conv(), "nchw") == features_of(conv(), "")
    assert [features_of(conv(bias=b))["has_bias"] for b in (False, True)] == [0.0, 1.0]


def test_grouped_convolutions_have_a_kernel_only_at_some_widths():
    fast, slow = (conv(n=1, c=c, filters=c, group=32) for c in (512, 768))
    assert features_of(fast, "nhwc")["is_fast_grouped"] == 1.0
    assert features_of(slow, "nhwc")["is_fast_grouped"] == 0.0
    assert roofline_s([slow], ["nhwc"])[0] > 32e-6 > roofline_s([fast], ["nhwc"])[0] > 1e-6


def test_layers_one_by_one_have_the_features_that_they_have_together():
    layers = [a for a in load_network("resnet50", fuse=False).layers if a.kind is not Kind.VIEW]
    layouts = ["nhwc" if i % 2 else "nchw" for i in range(len(layers))]
    together = shape_features(layers, layouts)
    apart = [shape_features([a], [b])[0] for a, b in zip(layers, layouts, strict=True)]
    assert np.array_equal(together, np.array(apart))
    assert np.isfinite(together).all()


@given(st.floats(80.0, 5000.0))
def test_the_clock_law_keeps_the_limit_and_the_highest_clock(demand):
    watts, clock = settled(LAW, np.array([demand]))
    assert watts[0] <= 700.0
    assert clock[0] <= 2e9
    assert watts[0] == pytest.approx(demand * (clock[0] / 2e9) ** 3, rel=1e-9)


@given(st.floats(730.0, 5000.0))
def test_demand_is_what_the_clock_law_takes_back(demand):
    watts, clock = settled(LAW, np.array([demand]))
    assert demand_w(LAW, watts, clock)[0] == pytest.approx(demand, rel=1e-9)


def test_a_hand_worked_clock():
    # 1400 W asked, 700 W allowed, cubic: the clock falls to the cube root of one half.
    watts, clock = settled(LAW, np.array([1400.0]))
    assert watts[0] == 700.0
    assert clock[0] == pytest.approx(2e9 * 0.7937005, rel=1e-6)


@pytest.fixture(scope="module")
def h100():
    return open_model("h100-sxm")


def test_a_heavy_layer_is_held_at_the_limit_and_a_light_one_is_not(h100):
    heavy = make_probe("m", "MatMul", [(8192, 8192), (8192, 8192)], "float16").layer
    light = make_probe("a", "Add", [(64, 256, 56, 56), (64, 256, 56, 56)], "float16").layer
    found = predict_layers(h100, [heavy, light], 0.95)
    assert found.power_w[0] == pytest.approx(700.0, rel=0.05)
    assert found.clock_hz[0] < 1.7e9
    assert found.clock_hz[1] > 1.9e9
    # Published peak is 989 TFLOP/s dense; what the card reaches at 700 W is below.
    assert 2 * heavy.macs / found.latency_s[0] == pytest.approx(650e12, rel=0.15)
    assert (found.power_upper_w > found.power_w).all()
    assert found.in_range.all()


def test_layers_unlike_any_sample_are_flagged(h100):
    odd = make_probe("s", "CumSum", [(8, 1 << 22)], "float16", settings={1: np.array(1)}).layer
    huge = make_probe("m", "MatMul", [(1 << 20, 1 << 16), (1 << 16, 1 << 16)], "float16").layer
    assert not predict_layers(h100, [odd, huge], 0.9).in_range.any()


def test_a_convolution_over_three_axes_is_out_of_range(h100):
    volume = make_probe(
        "c", "Conv", [(8, 64, 8, 28, 28), (64, 64, 3, 3, 3)], "float16", pads=[1] * 6
    ).layer
    assert predict_layers(h100, [conv(), volume], 0.9).in_range.tolist() == [True, False]


def test_a_layer_without_an_operand_is_predicted_and_flagged(h100):
    made = Tensor("y", (8, 64, 56, 56), "float16")
    random = Layer("r", "RandomNormal", Kind.VECTOR, ("r",), (), (), (made,), vector_ops=1)
    found = predict_layers(h100, [random], 0.9)
    assert found.power_w[0] > 0
    assert not found.in_range[0]
    # What it makes is written once and read never.
    assert dict(zip(feature_names(), shape_features([random])[0], strict=True))[
        "log_bytes"
    ] == pytest.approx(np.log2(2 * made.elements), rel=1e-6)


def test_repeated_layers_are_predicted_alike_and_in_order(h100):
    layers = [a for a in load_network("resnet50", fuse=False).layers if a.kind is not Kind.VIEW]
    once = predict_layers(h100, layers, 0.9)
    one_by_one = [predict_layers(h100, [a], 0.9).power_w[0] for a in layers[:20]]
    assert once.power_w[:20] == pytest.approx(one_by_one, rel=1e-3)


def test_half_precision_is_predicted_as_half_precision(h100):
    wide, narrow = conv(n=64, dtype="float32"), conv(n=64)
    found = predict_layers(h100, [wide, narrow], 0.9)
    assert found.latency_s[0] > 1.3 * found.latency_s[1]


def test_a_sum_of_two_is_an_addition(h100):
    image = Tensor("x", (1, 64, 56, 56), "float16")
    both = (image, Tensor("y", image.shape, "float16"))
    out = (Tensor("z", image.shape, "float16"),)
    of = {op: Layer(op, op, Kind.VECTOR, (), both, (), out, vector_ops=1) for op in ("Sum", "Add")}
    summed = predict_layers(h100, [of["Sum"]], 0.9)
    added = predict_layers(h100, [of["Add"]], 0.9)
    assert summed.latency_s == added.latency_s
    assert summed.in_range.all()


def test_a_type_that_was_not_measured_in_a_layout_is_flagged(h100):
    image, out = Tensor("x", (1, 64, 56, 56), "float32"), Tensor("z", (1, 64, 56, 56), "float32")
    pool = Layer("p", "MaxPool", Kind.VECTOR, (), (image,), (), (out,), vector_ops=9 * 64 * 3136)
    flags = [bool(predict_layers(h100, [pool], 0.9, [a]).in_range[0]) for a in ("nchw", "nhwc")]
    assert flags == [True, False]
