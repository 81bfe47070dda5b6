"""MobileNetV2: inverted residuals with linear bottlenecks."""

from __future__ import annotations

import onnx

from dfsrt.network.kit.builder import Builder
from dfsrt.network.vision.draft import Draft, Feature

BLOCKS = (
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)
"""Expansion, channels, repeats, and stride of the first. Source: Sandler et al., MobileNetV2:
Inverted Residuals and Linear Bottlenecks, CVPR 2018, table 2."""
STEM, LAST = 32, 1280


def build_mobilenetv2(
    *, image: int, height: int, batch: int, classes: int, precision: str = "fp32"
) -> onnx.ModelProto:
    """Return MobileNetV2 with width 1.0; ReLU6 is a Clip, as exports have it."""
    d = Draft(Builder("mobilenetv2", batch, precision), "relu6")
    x = Feature(d.b.input("picture", (batch, 3, height, image)), 3)
    x = features(d, x, stride=32)
    x = d.conv(x, "last", LAST)
    d.b.output(d.classify(x, classes), "scores", (batch, classes))
    return d.b.model()


def features(d: Draft, x: Feature, stride: int) -> Feature:
    """Add the stem and all blocks; where ``stride`` is reached, steps become dilations.

    Source of the dilations: Chen et al., Rethinking Atrous Convolution for Semantic Image
    Segmentation, arXiv 1706.05587, section 3.1.
    """
    x = d.conv(x, "stem", STEM, 3, 2)
    reached, dilation = 2, 1
    for stage, (expansion, channels, repeats, step) in enumerate(BLOCKS):
        taken = step if reached * step <= stride else 1
        for i in range(repeats):
            x = _block(d, x, f"{stage}.{i}", expansion, channels, taken if i == 0 else 1, dilation)
            dilation *= step // taken if i == 0 else 1
        reached *= taken
    return x


def _block(
    d: Draft, x: Feature, name: str, expansion: int, channels: int, stride: int, dilation: int
) -> Feature:
    y = d.conv(x, f"{name}.expand", expansion * x.channels) if expansion > 1 else x
    y = d.depthwise(y, f"{name}.depthwise", 3, stride, dilation)
    y = d.conv(y, f"{name}.project", channels, act="")
    return d.add(x, y, f"{name}.add") if stride == 1 and channels == x.channels else y
