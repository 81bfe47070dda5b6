"""DeepLabv3 on MobileNetV2: a class for each pixel, with dilations in place of strides."""

from __future__ import annotations

import onnx

from dfsrt.network.kit.builder import Builder
from dfsrt.network.vision.draft import Draft, Feature
from dfsrt.network.vision.mobilenet import features

WIDTH = 256
"""Channels of each branch of the head, and of both together behind them."""


def build_deeplabv3(
    *, image: int, height: int, batch: int, classes: int, stride: int, precision: str = "fp32"
) -> onnx.ModelProto:
    """Return the network up to its classes on the map; their resize runs on the host.

    The map is a ``stride``-th of the picture. Of the head's branches, those with dilations are left
    out, as the paper does for phones.
    Source: Sandler et al., MobileNetV2, 2018, section 6.3 and table 7; stride 8 and the end at the
    map: airockchip/rknn_model_zoo @ 9bed8a56, examples/deeplabv3/README.md.
    """
    d = Draft(Builder("deeplabv3-mobilenetv2", batch, precision), "relu6")
    x = Feature(d.b.input("picture", (batch, 3, height, image)), 3)
    x = features(d, x, stride)
    d.act = "relu"
    side = (batch, WIDTH, (height - 1) // stride + 1, (image - 1) // stride + 1)
    whole = _everywhere(d, x, side)
    joined = d.concat([whole, d.conv(x, "head.each", WIDTH)], "head.concat")
    y = d.conv(d.conv(joined, "head.joined", WIDTH), "classes", classes, act="")
    d.b.output(y.tensor, "classes_map", (batch, classes, *side[2:]))
    return d.b.model()


def _everywhere(d: Draft, x: Feature, shape: tuple[int, ...]) -> Feature:
    """Add the mean of the whole map through a convolution, the same at every pixel."""
    mean = Feature(d.b.node("GlobalAveragePool", [x.tensor], "head.mean"), x.channels)
    y = d.conv(mean, "head.whole", WIDTH)
    sizes = d.b.ints("head.resize.sizes", shape)
    made = d.b.node("Resize", [y.tensor, "", "", sizes], "head.resize", mode="linear")
    return Feature(made, WIDTH)
