"""A device with the channel engine, for tests: one core of RK3588 as its profile shows it."""

from __future__ import annotations

import copy
from collections.abc import Mapping

from dfsrt.base.tomltext import toml_text
from dfsrt.device.build import build_npu
from dfsrt.device.load import parse_device_file
from dfsrt.device.npu import Npu
from dfsrt.network.layer import Gemm, Kind, Layer, Operands
from dfsrt.network.tensor import Tensor
from dfsrt.network.window import window_of_sizes

FACTS: Mapping[str, object] = {
    "results_per_cycle": 8,
    "depthwise_lanes": 64,
    "mac_efficiency": 0.81,
    "activation_per_cycle": {
        "none": 8.0,
        "relu": 8.0,
        "clip": 8.0,
        "silu": 1.6,
        "sigmoid": 1.6,
        "gelu": 1.6,
    },
    "operator_per_cycle": {"Resize": 6.8},
}


def channel_table(facts: Mapping[str, object] = FACTS, **run: object) -> dict[str, object]:
    """A device file's content: one core of 32 x 32 lanes, all other numbers rk3588-npu-ideal's."""
    sources = dict.fromkeys(facts, "assumed: for a test")
    return {
        "format": 1,
        "base": "rk3588-npu-ideal",
        "name": "channel",
        "array": {
            "count": 1,
            "dataflow": "channel",
            "source": {"count": "assumed: for a test"},
        },
        "memory": {
            "bandwidth_bytes_per_s": 11.2e9,
            "channel_pad": 16,
            "source": dict.fromkeys(
                ("bandwidth_bytes_per_s", "channel_pad"), "assumed: for a test"
            ),
        },
        "run": {**run, "source": dict.fromkeys(run, "assumed: for a test")},
        "engine": {"channel": {**copy.deepcopy(dict(facts)), "source": sources}},
    }


def channel_npu(facts: Mapping[str, object] = FACTS, **run: object) -> Npu:
    """The device of ``channel_table``."""
    return build_npu(parse_device_file(toml_text(channel_table(facts, **run)), "channel"))


def conv_layer(
    pixels: tuple[int, int],
    inputs: int,
    outputs: int,
    kernel: int,
    groups: int = 1,
    joined: tuple[str, ...] = (),
    dtype: str = "int8",
) -> Layer:
    """A convolution that keeps its map, made of shapes alone."""
    x = Tensor("x", (1, inputs, *pixels), dtype)
    w = Tensor("w", (outputs, inputs // groups, kernel, kernel), dtype)
    y = Tensor("y", (1, outputs, *pixels), dtype)
    gemm = Gemm(pixels[0] * pixels[1], inputs // groups * kernel**2, outputs // groups, groups)
    return Layer(
        *("conv", "Conv", Kind.MATRIX, ("conv",), (x,), (w,), (y,), (gemm,)),
        operands=(Operands(("x",), ("w",), "y"),),
        joined=joined,
        window=window_of_sizes(pixels, pixels, (kernel, kernel), groups),
    )
