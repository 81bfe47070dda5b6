"""YOLOv8 as the vendor of RK3588 lays it out: boxes, classes and their sum on three maps.

Built from published shapes. Source: a profile of all 98 operators of yolov8n at 1920 x 1920
(channyhuang.github.io, 2024-07; ``device/truth/rk3588_yolov8n_1920.csv``);
airockchip/rknn_model_zoo @ 9bed8a56, examples/yolov8/README.md (the outputs).
"""

from __future__ import annotations

import onnx

from dfsrt.network.kit.builder import Builder
from dfsrt.network.vision.draft import Draft, Feature
from dfsrt.network.vision.pyramid import STRIDES, join_up, pooled_pyramid

STAGES = {
    "n": ((32, 1), (64, 2), (128, 2), (256, 1)),
    "s": ((64, 1), (128, 2), (256, 2), (512, 1)),
    "m": ((96, 2), (192, 4), (384, 4), (576, 2)),
}
"""Channels and repeats of the stages on the way down, each of half the size of the one before."""
BOX = 64
"""A box's four sides, each as a distribution over 16 places."""


def build_yolov8(
    *, image: int, height: int, batch: int, classes: int, scale: str, precision: str = "fp32"
) -> onnx.ModelProto:
    """Return YOLOv8 of a ``scale``, up to the distributions of its boxes' sides, left to the host.

    The sum of a pixel's classes is a convolution with ones, as its compiler runs it.
    """
    d = Draft(Builder(f"yolov8{scale}", batch, precision), "silu")
    picture = Feature(d.b.input("picture", (batch, 3, height, image)), 3)
    stages = STAGES[scale]
    fine, middle, coarse = _down(d, picture, stages)
    widths, repeats = [channels for channels, _ in stages], stages[0][1]
    x = _split_stage(d, join_up(d, coarse, middle, "up.2"), "up.2", widths[2], repeats)
    first = _split_stage(d, join_up(d, x, fine, "up.1"), "up.1", widths[1], repeats)
    second = _step_down(d, first, x, "down.1", widths[2], repeats)
    third = _step_down(d, second, coarse, "down.2", widths[3], repeats)
    for stride, feature in zip(STRIDES, (first, second, third), strict=True):
        width = max(fine.channels, min(classes, 100))
        _head(d, feature, stride, (height // stride, image // stride), width, classes)
    return d.b.model()


def _down(
    d: Draft, x: Feature, stages: tuple[tuple[int, int], ...]
) -> tuple[Feature, Feature, Feature]:
    """Add the way down; return the last three maps, of an 8th, a 16th and a 32nd of the size."""
    x = d.conv(x, "stem", stages[0][0] // 2, 3, 2)
    maps = []
    for stage, (channels, repeats) in enumerate(stages):
        x = d.conv(x, f"stage{stage}.in", channels, 3, 2)
        x = _split_stage(d, x, f"stage{stage}", channels, repeats, residual=True)
        maps.append(x)
    return maps[1], maps[2], pooled_pyramid(d, x, "pyramid")


def _step_down(
    d: Draft, x: Feature, skip: Feature, name: str, channels: int, repeats: int
) -> Feature:
    y = d.concat([d.conv(x, f"{name}.in", x.channels, 3, 2), skip], f"{name}.concat")
    return _split_stage(d, y, name, channels, repeats)


def _split_stage(
    d: Draft, x: Feature, name: str, channels: int, repeats: int, *, residual: bool = False
) -> Feature:
    """One half passes, the other goes through pairs of convolutions; every step is joined."""
    first, y = d.halves(d.conv(x, f"{name}.split.in", channels), f"{name}.split")
    steps = [first, y]
    for i in range(repeats):
        z = d.conv(y, f"{name}.{i}.a", channels // 2, 3)
        z = d.conv(z, f"{name}.{i}.b", channels // 2, 3)
        y = d.add(y, z, f"{name}.{i}.add") if residual else z
        steps.append(y)
    return d.conv(d.concat(steps, f"{name}.join"), f"{name}.out", channels)


def _head(
    d: Draft, x: Feature, stride: int, side: tuple[int, int], width: int, classes: int
) -> None:
    name, batch = f"detect{stride}", d.b.batch
    y = d.conv(d.conv(x, f"{name}.box.0", BOX, 3), f"{name}.box.1", BOX, 3)
    boxes = d.conv(y, f"{name}.box", BOX, act="")
    y = d.conv(d.conv(x, f"{name}.class.0", width, 3), f"{name}.class.1", width, 3)
    y = d.conv(y, f"{name}.class", classes, act="sigmoid")
    d.b.output(boxes.tensor, f"boxes{stride}", (batch, BOX, *side))
    scores = Feature(d.b.output(y.tensor, f"classes{stride}", (batch, classes, *side)), classes)
    d.b.output(d.channel_sum(scores, f"{name}.sum"), f"sums{stride}", (batch, 1, *side))
