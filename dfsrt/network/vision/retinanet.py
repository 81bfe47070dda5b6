"""RetinaNet on ResNeXt-50, as MLPerf runs it: two towers over a pyramid of five maps."""

from __future__ import annotations

from collections.abc import Sequence

import onnx

from dfsrt.network.kit.builder import Builder
from dfsrt.network.vision.draft import ACTIVATIONS, Draft, Feature
from dfsrt.network.vision.resnet import BLOCKS, bottleneck_stage, stem

GROUPS, WIDTH = 32, 2
"""Groups of the middle convolutions, of 4 channels on, and how much wider these are. Source: Xie et
al., Aggregated Residual Transformations for Deep Neural Networks, CVPR 2017, table 1."""
CHANNELS, TOWER, ANCHORS = 256, 4, 9
"""Source: Lin et al., Focal Loss for Dense Object Detection, ICCV 2017, section 4."""
STRIDES = (8, 16, 32, 64, 128)


def build_retinanet_resnext50(
    *, image: int, height: int, batch: int, classes: int, precision: str = "fp32"
) -> onnx.ModelProto:
    """Return RetinaNet; what turns its answers into boxes runs on the host.

    Limits: both towers have weights of their own and share them between maps, as published.
    """
    d = Draft(Builder("retinanet-resnext50", batch, precision), "relu")
    x = stem(d, Feature(d.b.input("picture", (batch, 3, height, image)), 3))
    maps = []
    for stage, blocks in enumerate(BLOCKS["50"]):
        x = bottleneck_stage(d, x, stage, blocks, 2 if stage else 1, groups=GROUPS, width=WIDTH)
        maps += [x] if stage else []
    levels = _pyramid(d, maps)
    for what, ends in (("box", 4 * ANCHORS), ("class", classes * ANCHORS)):
        weights = _tower_weights(d.b, what, ends)
        for stride, level in zip(STRIDES, levels, strict=True):
            y = _tower(d.b, level.tensor, f"{what}{stride}", weights)
            shape = (batch, ends, -(-height // stride), -(-image // stride))
            d.b.output(y, f"{what}{stride}", shape)
    return d.b.model()


def _pyramid(d: Draft, maps: Sequence[Feature]) -> list[Feature]:
    """Return the five maps: three of the trunk's, each with the coarser added, and two beyond."""
    laterals = [d.conv(x, f"lateral{i}", CHANNELS, act="") for i, x in enumerate(maps)]
    for i in reversed(range(len(maps) - 1)):
        finer = d.upsample(laterals[i + 1], f"resize{i}")
        laterals[i] = d.add(laterals[i], finer, f"merge{i}")
    levels = [d.conv(x, f"smooth{i}", CHANNELS, 3, act="") for i, x in enumerate(laterals)]
    levels.append(d.conv(levels[-1], "p6", CHANNELS, 3, 2, act=""))
    ahead = Feature(ACTIVATIONS["relu"](d.b, levels[-1].tensor, "p6.act"), CHANNELS)
    return [*levels, d.conv(ahead, "p7", CHANNELS, 3, 2, act="")]


def _tower_weights(b: Builder, what: str, ends: int) -> list[tuple[str, str]]:
    """Add weight and bias of each convolution of a tower, the last to ``ends`` channels."""
    channels = [CHANNELS] * TOWER + [ends]
    return [
        (
            b.weight(f"{what}.{i}.weight", (after, CHANNELS, 3, 3)),
            b.weight(f"{what}.{i}.bias", (after,)),
        )
        for i, after in enumerate(channels)
    ]


def _tower(b: Builder, x: str, name: str, weights: Sequence[tuple[str, str]]) -> str:
    for i, pair in enumerate(weights):
        x = b.node("Conv", [x, *pair], f"{name}.{i}", kernel_shape=[3, 3], pads=[1] * 4)
        if i < TOWER:
            x = b.node("Relu", [x], f"{name}.{i}.act")
    return x
