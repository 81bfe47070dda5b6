"""YOLOv5, version 6: cross-stage blocks, a pooled pyramid, and a way up and down again.

Built from published shapes: the layer tables that its training prints, as people post them.
Source: ultralytics/yolov5 issue 11035 (the table of yolov5n); numbers of parameters and operations:
``tests/network/test_vision_counts.py``.
"""

from __future__ import annotations

import onnx

from dfsrt.network.kit.builder import Builder
from dfsrt.network.vision.draft import Draft, Feature
from dfsrt.network.vision.pyramid import anchored_heads, join_up, pooled_pyramid

STAGES = {
    "n": ((32, 1), (64, 2), (128, 3), (256, 1)),
    "s": ((64, 1), (128, 2), (256, 3), (512, 1)),
    "m": ((96, 2), (192, 4), (384, 6), (768, 2)),
}
"""Channels and repeats of the stages on the way down, each of half the size of the one before."""


def build_yolov5(
    *, image: int, height: int, batch: int, classes: int, scale: str, act: str,
    precision: str = "fp32",
) -> onnx.ModelProto:  # fmt: skip
    """Return YOLOv5 of a ``scale``; ``act`` is silu, or relu as the vendor of RK3588 trains it."""
    d = Draft(Builder(f"yolov5{scale}", batch, precision), act)
    picture = Feature(d.b.input("picture", (batch, 3, height, image)), 3)
    stages = STAGES[scale]
    fine, middle, coarse = _down(d, picture, stages)
    half, whole, repeats = middle.channels // 2, middle.channels, stages[0][1]
    top = d.conv(coarse, "up.2.in", whole)
    x = _cross_stage(d, join_up(d, top, middle, "up.2"), "up.2", whole, repeats)
    side = d.conv(x, "up.1.in", half)
    first = _cross_stage(d, join_up(d, side, fine, "up.1"), "up.1", half, repeats)
    second = _step_down(d, first, side, "down.1", repeats)
    third = _step_down(d, second, top, "down.2", repeats)
    anchored_heads(d, [first, second, third], (height, image), classes)
    return d.b.model()


def _down(
    d: Draft, x: Feature, stages: tuple[tuple[int, int], ...]
) -> tuple[Feature, Feature, Feature]:
    """Add the way down; return the last three maps, of an 8th, a 16th and a 32nd of the size."""
    x = d.conv(x, "stem", stages[0][0] // 2, 6, 2, pad=2)
    maps = []
    for stage, (channels, repeats) in enumerate(stages):
        x = d.conv(x, f"stage{stage}.in", channels, 3, 2)
        x = _cross_stage(d, x, f"stage{stage}", channels, repeats, residual=True)
        maps.append(x)
    return maps[1], maps[2], pooled_pyramid(d, x, "pyramid")


def _step_down(d: Draft, x: Feature, skip: Feature, name: str, repeats: int) -> Feature:
    y = d.conv(x, f"{name}.in", x.channels, 3, 2)
    y = d.concat([y, skip], f"{name}.concat")
    return _cross_stage(d, y, name, 2 * x.channels, repeats)


def _cross_stage(
    d: Draft, x: Feature, name: str, channels: int, repeats: int, *, residual: bool = False
) -> Feature:
    """Half of the channels go through pairs of convolutions, half past them."""
    y = d.conv(x, f"{name}.through", channels // 2)
    for i in range(repeats):
        z = d.conv(y, f"{name}.{i}.narrow", channels // 2)
        z = d.conv(z, f"{name}.{i}.wide", channels // 2, 3)
        y = d.add(y, z, f"{name}.{i}.add") if residual else z
    past = d.conv(x, f"{name}.past", channels // 2)
    return d.conv(d.concat([y, past], f"{name}.join"), f"{name}.out", channels)
