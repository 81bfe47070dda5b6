"""EfficientNet-B0: inverted residuals whose channels are weighed by what all of them hold."""

from __future__ import annotations

import onnx

from dfsrt.network.kit.builder import Builder
from dfsrt.network.vision.draft import Draft, Feature

STAGES = (
    (1, 3, 16, 1, 1),
    (6, 3, 24, 2, 2),
    (6, 5, 40, 2, 2),
    (6, 3, 80, 3, 2),
    (6, 5, 112, 3, 1),
    (6, 5, 192, 4, 2),
    (6, 3, 320, 1, 1),
)
"""Expansion, kernel, channels, repeats, and stride of the first. Source: Tan and Le, EfficientNet:
Rethinking Model Scaling for Convolutional Neural Networks, ICML 2019, table 1."""
STEM, LAST = 32, 1280
NARROW = 4
"""The weighing passes through a quarter of the channels that a block takes in."""


def build_efficientnet_b0(
    *, image: int, height: int, batch: int, classes: int, precision: str = "fp32"
) -> onnx.ModelProto:
    """Return EfficientNet-B0, with SiLU."""
    d = Draft(Builder("efficientnet_b0", batch, precision), "silu")
    x = Feature(d.b.input("picture", (batch, 3, height, image)), 3)
    x = d.conv(x, "stem", STEM, 3, 2)
    for stage, (expansion, kernel, channels, repeats, first) in enumerate(STAGES):
        for i in range(repeats):
            stride = first if i == 0 else 1
            x = _block(d, x, f"{stage}.{i}", expansion, kernel, channels, stride)
    x = d.conv(x, "last", LAST)
    d.b.output(d.classify(x, classes), "scores", (batch, classes))
    return d.b.model()


def _block(
    d: Draft, x: Feature, name: str, expansion: int, kernel: int, channels: int, stride: int
) -> Feature:
    y = d.conv(x, f"{name}.expand", expansion * x.channels) if expansion > 1 else x
    y = d.depthwise(y, f"{name}.depthwise", kernel, stride)
    y = d.excite(y, f"{name}.excite", x.channels // NARROW)
    y = d.conv(y, f"{name}.project", channels, act="")
    return d.add(x, y, f"{name}.add") if stride == 1 and channels == x.channels else y
