"""Layers keep the window of what leads them, however they were made."""

from __future__ import annotations

import math
from dataclasses import replace

import msgspec
import numpy as np
import pytest

from dfsrt.device.profile import ProfileRow, profile_network
from dfsrt.network import Layer, Network, built_names, from_onnx_model, load_network, network_names
from dfsrt.network.axis import Axis
from dfsrt.network.engine_fusion import with_joined_convolutions
from dfsrt.network.precision import convert_layer
from dfsrt.network.window import Window, grown_window, window_of_sizes
from tests.network.builders import Builder

MS, LAST, BLOCKED = "com.microsoft", "com.ms.internal.nhwc", "com.microsoft.nchwc"
F32, U8 = np.float32, np.uint8
KERNEL = {"strides": [2, 1], "pads": [2, 0, 1, 1]}
WANTED = Window((Axis(9, 5, 3, 2, pad=2), Axis(7, 5, 4)))
"""A kernel of 3 x 4 on 9 rows, every other, padded by 2 and 1, and on 7 columns, by 0 and 1."""


def layers_of(b: Builder, *outputs: str, fuse: bool = True) -> tuple[Layer, ...]:
    imports = {MS: 1, LAST: 17, BLOCKED: 1}
    return from_onnx_model(b.model(*outputs, imports=imports), "t", fuse=fuse).layers


def conv(b: Builder) -> str:
    return b.op("Conv", b.input("x", [1, 2, 9, 7]), b.weight(6, 2, 3, 4), **KERNEL)


def scales(b: Builder) -> tuple[str, str]:
    return b.const(0.1, F32), b.const(3, U8)


def quantized_weight(b: Builder, *shape: int) -> str:
    return b.const(np.ones(shape), U8)


def qlinear(b: Builder, data: str, weight: str, **more) -> str:
    pair = scales(b)
    return b.op("QLinearConv", data, *pair, weight, *pair, *pair, **KERNEL, **more)


def qdq(b: Builder) -> str:
    def quantized(y: str) -> str:
        pair = scales(b)
        return b.op("DequantizeLinear", b.op("QuantizeLinear", y, *pair), *pair)

    x = quantized(b.input("x", [1, 2, 9, 7]))
    weight = b.op("DequantizeLinear", quantized_weight(b, 6, 2, 3, 4), *scales(b))
    return quantized(b.op("Relu", b.op("Conv", x, weight, **KERNEL)))


def nhwc(b: Builder, op: str, domain: str, weight: tuple[int, ...]) -> str:
    x = b.input("x", [1, 9, 7, 2])
    return b.op(op, x, b.weight(*weight), domain=domain, **KERNEL)


def blocked(b: Builder) -> str:
    x = b.op("ReorderInput", b.input("x", [1, 8, 9, 7]), domain=BLOCKED)
    y = b.op("Conv", x, b.weight(8, 8, 3, 4), domain=BLOCKED, **KERNEL)
    return b.op("ReorderOutput", y, domain=BLOCKED, channels=8)


SAME = {
    "Conv": conv,
    "with all that joins it": lambda b: b.op(
        "Add", b.op("Relu", conv(b)), b.input("z", [1, 6, 5, 5])
    ),
    "ConvInteger": lambda b: b.op(
        "ConvInteger", b.input("x", [1, 2, 9, 7], 2), quantized_weight(b, 6, 2, 3, 4), **KERNEL
    ),
    "QLinearConv": lambda b: qlinear(
        b, b.input("x", [1, 2, 9, 7], 2), quantized_weight(b, 6, 2, 3, 4)
    ),
    "QLinearConv, channels last": lambda b: qlinear(
        b, b.input("x", [1, 9, 7, 2], 2), quantized_weight(b, 6, 2, 3, 4), domain=MS,
        channels_last=1,
    ),
    "quantized beside": qdq,
    "FusedConv": lambda b: b.op(
        "FusedConv", b.input("x", [1, 2, 9, 7]), b.weight(6, 2, 3, 4), domain=MS,
        activation="Relu", **KERNEL,
    ),
    "NhwcConv": lambda b: nhwc(b, "NhwcConv", MS, (6, 3, 4, 2)),
    "NhwcFusedConv": lambda b: nhwc(b, "NhwcFusedConv", MS, (6, 2, 3, 4)),
    "of the domain of images with channels last": lambda b: nhwc(b, "Conv", LAST, (6, 2, 3, 4)),
    "in blocks": blocked,
}  # fmt: skip


@pytest.mark.parametrize("form", SAME)
def test_a_convolution_keeps_its_window_in_every_form(form: str) -> None:
    b = Builder()
    layers = layers_of(b, SAME[form](b))
    (layer,) = (a for a in layers if a.macs)
    assert layer.window == WANTED
    assert all(a.window is None for a in layers if a is not layer)
    assert layer.inputs[0].shape[2:] == (9, 7)


POOL = {"kernel_shape": [3, 4], "strides": [2, 1]}
POOLED = Window((Axis(9, 4, 3, 2), Axis(7, 4, 4)), 2)
POOLS = {
    "MaxPool": lambda b: b.op("MaxPool", b.input("x", [1, 2, 9, 7]), **POOL),
    "AveragePool": lambda b: b.op(
        "Relu", b.op("AveragePool", b.input("x", [1, 2, 9, 7]), **POOL)
    ),
    "LpPool": lambda b: b.op("LpPool", b.input("x", [1, 2, 9, 7]), **POOL),
    "NhwcMaxPool": lambda b: b.op(
        "NhwcMaxPool", b.input("x", [1, 9, 7, 2], 2), domain=MS, **POOL
    ),
    "QLinearAveragePool": lambda b: b.op(
        "QLinearAveragePool", b.input("x", [1, 9, 7, 2], 2), *scales(b), *scales(b), domain=MS,
        channels_last=1, **POOL,
    ),
}  # fmt: skip


@pytest.mark.parametrize("form", POOLS)
def test_a_pool_keeps_its_window_in_every_form(form: str) -> None:
    b = Builder()
    (layer,) = layers_of(b, POOLS[form](b))
    assert layer.window == POOLED


@pytest.mark.parametrize("op", ["GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool"])
def test_the_window_of_a_global_pool_is_as_large_as_the_image(op: str) -> None:
    b = Builder()
    (layer,) = layers_of(b, b.op(op, b.input("x", [1, 2, 9, 7])))
    assert layer.window == Window((Axis(9, 1, 9), Axis(7, 1, 7)), 2)


def test_an_image_in_blocks_grows_by_whole_factors() -> None:
    b = Builder()
    x = b.op("ReorderInput", b.input("x", [1, 8, 3, 4]), domain=BLOCKED)
    y = b.op("Upsample", x, domain=BLOCKED, scales=[1, 1, 2, 3])
    window = next(a.window for a in layers_of(b, y) if a.op == "Upsample")
    assert window == grown_window((3, 4), (6, 12), 8)


def test_a_causal_convolution_reads_what_came_before() -> None:
    b = Builder()
    y = b.op("CausalConvWithState", b.input("x", [1, 6, 8]), b.weight(6, 1, 4), n=2, domain=MS)
    window = layers_of(b, y[0])[0].window
    assert window == Window((Axis(8, 8, 4, pad=3),), 6)


def test_where_a_deformable_convolution_reads_is_not_known() -> None:
    b = Builder(19)
    offsets = b.input("o", [1, 18, 7, 7])
    (layer,) = layers_of(
        b, b.op("DeformConv", b.input("x", [1, 2, 9, 9]), b.weight(4, 2, 3, 3), offsets)
    )
    assert layer.macs and layer.window is None


def test_products_and_pointwise_layers_have_no_window() -> None:
    b = Builder()
    x = b.input("x", [4, 8])
    assert [a.window for a in layers_of(b, b.op("Softmax", b.op("MatMul", x, b.weight(8, 8))))] == [
        None,
        None,
    ]


def test_a_window_stays_through_conversion_kernels_and_the_cache() -> None:
    b = Builder()
    norm = [b.weight(6) for _ in range(4)]
    layers = layers_of(b, b.op("Relu", b.op("BatchNormalization", conv(b), *norm)), fuse=False)
    network = Network("t", layers, 0, fused=False, inputs=("x",), outputs=("relu_7",))
    joined = with_joined_convolutions(network)
    kept = msgspec.msgpack.decode(msgspec.msgpack.encode(joined), type=Network)
    assert kept == joined
    for layer in (joined.layers[0], kept.layers[0], convert_layer(layers[0], "int8")):
        assert layer.window == WANTED
    assert replace(layers[0], times=3).one_pass.window == WANTED


def macs_of(layer: Layer) -> int:
    """Products of a convolution from its window and its tensors' channels."""
    sizes = {t.name: t.shape for t in layer.reads}
    images, channels = sizes[layer.operands[0].a[0]][:2]
    made = sizes[layer.operands[0].b[0]][0]
    assert layer.window is not None
    taps = math.prod(axis.kernel * axis.size_out for axis in layer.window.axes)
    assert layer.window.taps == taps >= layer.window.taps_on_input > 0
    return images * channels * made // layer.window.groups * taps * layer.times


@pytest.mark.parametrize("name", (*network_names(), *built_names()))
def test_windows_of_all_convolutions_make_their_products(name: str) -> None:
    for layer in load_network(name).layers:
        if layer.op == "Conv":
            assert layer.macs == macs_of(layer)
        windowed = layer.op == "Resize" or "Conv" in layer.op or layer.op.endswith("Pool")
        assert (layer.window is not None) == windowed
        if layer.window is not None:
            sizes = tuple(axis.size_in for axis in layer.window.axes)
            assert layer.inputs[0].shape[2:] == sizes or len(layer.inputs[0].shape) == 3


@pytest.mark.parametrize(
    ("size", "results", "kernel", "stride", "pad"),
    [
        (224, 112, 7, 2, 3),
        (224, 112, 3, 2, 1),
        (227, 55, 11, 4, 0),
        (56, 28, 1, 2, 0),
        (14, 12, 3, 1, 0),
        (7, 4, 3, 2, 1),
        (9, 4, 3, 2, 0),
        (7, 7, 5, 1, 2),
        (7, 1, 7, 1, 0),
    ],
)
def test_likely_windows_are_those_of_known_networks(size, results, kernel, stride, pad) -> None:
    axis = window_of_sizes((size,), (results,), (kernel,), 1).axes[0]
    assert axis == Axis(size, results, kernel, stride, pad)


def test_rows_of_a_profile_have_windows() -> None:
    def row(op: str, kernel: int, out: int, groups: int = 1) -> ProfileRow:
        return ProfileRow(
            op=op, in_channels=8, in_h=28, in_w=28, out_channels=8, kernel=kernel, groups=groups,
            out_h=out, out_w=out, measured_us=1,
        )  # fmt: skip

    rows = (row("conv+relu", 3, 14, 2), row("maxpool", 2, 14), row("resize", 0, 56))
    halved, pooled, grown, odd, added = (
        a.window
        for a in profile_network((*rows, row("resize", 0, 42), row("add", 0, 28)), "p").layers
    )
    assert halved == Window((Axis(28, 14, 3, 2, 1),) * 2, 2)
    assert pooled == Window((Axis(28, 14, 2, 2),) * 2, 8)
    assert grown == Window((Axis(28, 56, 2, 2, transposed=True),) * 2, 8)
    assert odd is None and added is None
