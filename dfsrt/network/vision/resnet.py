"""ResNet-18: residual blocks of two convolutions."""

from __future__ import annotations

import onnx

from dfsrt.network.kit.builder import Builder
from dfsrt.network.vision.draft import ACTIVATIONS, Draft, Feature

STAGES = ((64, 2), (128, 2), (256, 2), (512, 2))
"""Channels and blocks. Source: He et al., Deep Residual Learning for Image Recognition, CVPR 2016,
table 1; where a stage halves the map, a convolution of one pixel takes the shortcut (option B)."""


def build_resnet18(
    *, image: int, height: int, batch: int, classes: int, precision: str = "fp32"
) -> onnx.ModelProto:
    """Return ResNet-18."""
    d = Draft(Builder("resnet18", batch, precision), "relu")
    x = Feature(d.b.input("picture", (batch, 3, height, image)), 3)
    x = d.max_pool(d.conv(x, "stem", 64, 7, 2), "pool", 3, 2)
    for stage, (channels, blocks) in enumerate(STAGES):
        for i in range(blocks):
            stride = 2 if stage and i == 0 else 1
            x = _block(d, x, f"stage{stage}.{i}", channels, stride)
    d.b.output(d.classify(x, classes), "scores", (batch, classes))
    return d.b.model()


def _block(d: Draft, x: Feature, name: str, channels: int, stride: int) -> Feature:
    y = d.conv(x, f"{name}.0", channels, 3, stride)
    y = d.conv(y, f"{name}.1", channels, 3, act="")
    if stride > 1:
        x = d.conv(x, f"{name}.shortcut", channels, 1, stride, act="")
    total = d.add(x, y, f"{name}.add")
    return Feature(ACTIVATIONS["relu"](d.b, total.tensor, f"{name}.act"), channels)
