"""MobileNetV1: depthwise convolutions, each followed by one of a pixel."""

from __future__ import annotations

from collections.abc import Iterator

import onnx

from dfsrt.network.kit.builder import Builder
from dfsrt.network.vision.draft import Draft, Feature

STEM = 32
BLOCKS = (
    (64, 1),
    (128, 2),
    (128, 1),
    (256, 2),
    (256, 1),
    (512, 2),
    *((512, 1),) * 5,
    (1024, 2),
    (1024, 1),
)
"""Channels and stride of each pair of convolutions. Source: Howard et al., MobileNets, arXiv
1704.04861, table 1; its last stride, printed as 2, is 1, as the sizes beside it say."""


def build_mobilenetv1(
    *, image: int, height: int, batch: int, classes: int, precision: str = "fp32"
) -> onnx.ModelProto:
    """Return MobileNetV1 with width 1.0 and ReLU."""
    d = Draft(Builder("mobilenetv1", batch, precision), "relu")
    x = Feature(d.b.input("picture", (batch, 3, height, image)), 3)
    *_, x = maps(d, x)
    d.b.output(d.classify(x, classes), "scores", (batch, classes))
    return d.b.model()


def maps(d: Draft, x: Feature) -> Iterator[Feature]:
    """Add the stem and all pairs; yield the map of each pair."""
    x = d.conv(x, "stem", STEM, 3, 2)
    for i, (channels, stride) in enumerate(BLOCKS):
        x = d.conv(d.depthwise(x, f"{i}.depthwise", 3, stride), f"{i}.point", channels)
        yield x
