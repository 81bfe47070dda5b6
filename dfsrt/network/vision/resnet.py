"""ResNet-18, -34 and -50: residual blocks of two convolutions, or of three around a bottleneck."""

from __future__ import annotations

import onnx

from dfsrt.network.kit.builder import Builder
from dfsrt.network.vision.draft import ACTIVATIONS, Draft, Feature

CHANNELS = (64, 128, 256, 512)
BLOCKS = {"18": (2, 2, 2, 2), "34": (3, 4, 6, 3), "50": (3, 4, 6, 3)}
"""Of each stage. Source: He et al., Deep Residual Learning for Image Recognition, CVPR 2016, table
1; where a stage changes the map, a convolution of one pixel takes the shortcut (option B)."""
WIDER = 4
"""What a bottleneck's block answers with, over its channels; same table."""


def build_resnet(
    *, depth: str, image: int, height: int, batch: int, classes: int, precision: str = "fp32"
) -> onnx.ModelProto:
    """Return ResNet-18, -34 or -50; the last halves its maps in its 3x3 convolutions (v1.5)."""
    name = "resnet50-v1.5" if depth == "50" else f"resnet{depth}"
    d = Draft(Builder(name, batch, precision), "relu")
    x = stem(d, Feature(d.b.input("picture", (batch, 3, height, image)), 3))
    for stage, blocks in enumerate(BLOCKS[depth]):
        add = bottleneck_stage if depth == "50" else basic_stage
        x = add(d, x, stage, blocks, 2 if stage else 1)
    d.b.output(d.classify(x, classes), "scores", (batch, classes))
    return d.b.model()


def stem(d: Draft, x: Feature) -> Feature:
    """Add the convolution of 7 x 7 and the pool that all of them begin with."""
    return d.max_pool(d.conv(x, "stem", CHANNELS[0], 7, 2), "pool", 3, 2)


def basic_stage(d: Draft, x: Feature, stage: int, blocks: int, stride: int) -> Feature:
    """Add blocks of two convolutions; the first steps by ``stride``."""
    for i in range(blocks):
        x = _basic(d, x, f"stage{stage}.{i}", CHANNELS[stage], stride if i == 0 else 1)
    return x


def bottleneck_stage(
    d: Draft, x: Feature, stage: int, blocks: int, stride: int, *, groups: int = 1, width: int = 1
) -> Feature:
    """Add blocks of three convolutions, the middle in ``groups`` and ``width`` times as wide."""
    for i in range(blocks):
        step = stride if i == 0 else 1
        inner = CHANNELS[stage] * width
        x = _bottleneck(d, x, f"stage{stage}.{i}", CHANNELS[stage] * WIDER, inner, step, groups)
    return x


def _basic(d: Draft, x: Feature, name: str, channels: int, stride: int) -> Feature:
    y = d.conv(x, f"{name}.0", channels, 3, stride)
    y = d.conv(y, f"{name}.1", channels, 3, act="")
    return _joined(d, x, y, name, stride)


def _bottleneck(
    d: Draft, x: Feature, name: str, channels: int, inner: int, stride: int, groups: int
) -> Feature:
    y = d.conv(x, f"{name}.0", inner)
    y = d.conv(y, f"{name}.1", inner, 3, stride, groups=groups)
    y = d.conv(y, f"{name}.2", channels, act="")
    return _joined(d, x, y, name, stride)


def _joined(d: Draft, x: Feature, y: Feature, name: str, stride: int) -> Feature:
    if stride > 1 or x.channels != y.channels:
        x = d.conv(x, f"{name}.shortcut", y.channels, 1, stride, act="")
    total = d.add(x, y, f"{name}.add")
    return Feature(ACTIVATIONS["relu"](d.b, total.tensor, f"{name}.act"), y.channels)
