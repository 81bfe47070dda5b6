"""MobileNetV1 at a quarter of its width: depthwise convolutions, and those of one pixel."""

from __future__ import annotations

import onnx

from dfsrt.network.kit.builder import Builder
from dfsrt.network.vision.draft import Draft, Feature

STEM = 8
BLOCKS = (
    (16, 1), (32, 2), (32, 1), (64, 2), (64, 1), (128, 2), *[(128, 1)] * 5, (256, 2), (256, 1),
)  # fmt: skip
"""Channels and stride. Source: Howard et al., MobileNets, arXiv 1704.04861, table 1, a quarter."""


def build_mobilenet_v1(
    *, image: int, batch: int, classes: int, precision: str = "fp32"
) -> onnx.ModelProto:
    """Return MobileNetV1 with width 0.25 and ReLU on pictures ``image`` wide and high."""
    d = Draft(Builder("tiny-wakewords", batch, precision), "relu")
    x = Feature(d.b.input("picture", (batch, 3, image, image)), 3)
    x = d.conv(x, "stem", STEM, 3, 2)
    for number, (channels, stride) in enumerate(BLOCKS):
        x = d.depthwise(x, f"{number}.depthwise", 3, stride)
        x = d.conv(x, f"{number}.pointwise", channels)
    scores = d.b.node("Softmax", [d.classify(x, classes)], "softmax", axis=-1)
    d.b.output(scores, "scores", (batch, classes))
    return d.b.model()
