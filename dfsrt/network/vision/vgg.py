"""VGG-16: thirteen convolutions of 3 x 3 and three products."""

from __future__ import annotations

import onnx

from dfsrt.network.kit.builder import Builder
from dfsrt.network.vision.draft import ACTIVATIONS, Draft, Feature

STAGES = ((64, 64), (128, 128), (256, 256, 256), (512, 512, 512), (512, 512, 512))
"""Channels of each convolution; a pool that halves the map ends a stage. Source: Simonyan and
Zisserman, Very Deep Convolutional Networks, ICLR 2015, table 1, column D."""
HIDDEN = 4096
"""Width of the first two products, same table."""


def build_vgg16(
    *, image: int, height: int, batch: int, classes: int, precision: str = "fp32"
) -> onnx.ModelProto:
    """Return VGG-16; the first product takes as much as the picture's size leaves."""
    d = Draft(Builder("vgg16", batch, precision), "relu")
    x = Feature(d.b.input("picture", (batch, 3, height, image)), 3)
    for stage, convolutions in enumerate(STAGES):
        for i, channels in enumerate(convolutions):
            x = d.conv(x, f"{stage}.{i}", channels, 3)
        x = d.max_pool(x, f"{stage}.pool", 2, 2)
    taken = x.channels * (height // 32) * (image // 32)
    y = _product(d, d.b.node("Flatten", [x.tensor], "flat"), "hidden0", taken, HIDDEN)
    y = _product(d, ACTIVATIONS["relu"](d.b, y, "hidden0.act"), "hidden1", HIDDEN, HIDDEN)
    y = _product(d, ACTIVATIONS["relu"](d.b, y, "hidden1.act"), "classes", HIDDEN, classes)
    d.b.output(y, "scores", (batch, classes))
    return d.b.model()


def _product(d: Draft, x: str, name: str, taken: int, width: int) -> str:
    weight = d.b.weight(f"{name}.weight", (taken, width), 1 / taken)
    return d.b.node("Gemm", [x, weight, d.b.weight(f"{name}.bias", (width,))], name)
