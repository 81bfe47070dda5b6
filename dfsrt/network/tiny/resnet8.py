"""ResNet-8: three residual blocks of two convolutions."""

from __future__ import annotations

import onnx

from dfsrt.network.kit.builder import Builder
from dfsrt.network.vision.draft import ACTIVATIONS, Draft, Feature

STAGES = (16, 32, 64)
"""Channels of each block; a convolution of one pixel takes the shortcut where the map halves."""


def build_resnet8(
    *, image: int, batch: int, classes: int, precision: str = "fp32"
) -> onnx.ModelProto:
    """Return ResNet-8 on pictures ``image`` wide and high."""
    d = Draft(Builder("tiny-images", batch, precision), "relu")
    x = d.conv(Feature(d.b.input("picture", (batch, 3, image, image)), 3), "stem", STAGES[0], 3)
    for stage, channels in enumerate(STAGES):
        x = _block(d, x, f"stage{stage}", channels, 1 if stage == 0 else 2)
    scores = d.b.node("Softmax", [d.classify(x, classes)], "softmax", axis=-1)
    d.b.output(scores, "scores", (batch, classes))
    return d.b.model()


def _block(d: Draft, x: Feature, name: str, channels: int, stride: int) -> Feature:
    y = d.conv(x, f"{name}.0", channels, 3, stride)
    y = d.conv(y, f"{name}.1", channels, 3, act="")
    if stride > 1:
        x = d.conv(x, f"{name}.shortcut", channels, 1, stride, act="")
    total = d.add(x, y, f"{name}.add")
    return Feature(ACTIVATIONS["relu"](d.b, total.tensor, f"{name}.act"), channels)
