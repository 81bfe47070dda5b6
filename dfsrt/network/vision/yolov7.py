"""YOLOv7-tiny: blocks whose four branches are joined, LeakyReLU throughout.

Built from published shapes: the layer tables that darknet and its training print, as people post
them. Source: LdDl/go-darknet issue 26; WongKinYiu/yolov7 pull request 1672.
"""

from __future__ import annotations

import onnx

from dfsrt.network.kit.builder import Builder
from dfsrt.network.vision.draft import Draft, Feature
from dfsrt.network.vision.pyramid import anchored_heads, join_up, pools

STAGES = ((32, 64), (64, 128), (128, 256), (256, 512))
"""Channels of a branch and of the whole, on the way down; pools lie between the stages."""


def build_yolov7_tiny(
    *, image: int, height: int, batch: int, classes: int, precision: str = "fp32"
) -> onnx.ModelProto:
    """Return YOLOv7-tiny."""
    d = Draft(Builder("yolov7-tiny", batch, precision), "leaky")
    picture = Feature(d.b.input("picture", (batch, 3, height, image)), 3)
    fine, middle, coarse = _down(d, picture)
    x = _pyramid(d, coarse)
    y = _branches(d, _up(d, x, middle, "up.2", 128), "up.2", 64, 128)
    first = _branches(d, _up(d, y, fine, "up.1", 64), "up.1", 32, 64)
    second = _step_down(d, first, y, "down.1", 64)
    third = _step_down(d, second, x, "down.2", 128)
    maps = [d.conv(f, f"wide{i}", 2 * f.channels, 3) for i, f in enumerate((first, second, third))]
    anchored_heads(d, maps, (height, image), classes)
    return d.b.model()


def _down(d: Draft, x: Feature) -> tuple[Feature, Feature, Feature]:
    """Add the way down; return the last three maps, of an 8th, a 16th and a 32nd of the size."""
    x = d.conv(d.conv(x, "stem.0", 32, 3, 2), "stem.1", 64, 3, 2)
    maps = []
    for stage, (branch, channels) in enumerate(STAGES):
        x = d.max_pool(x, f"stage{stage}.pool", 2, 2) if stage else x
        x = _branches(d, x, f"stage{stage}", branch, channels)
        maps.append(x)
    return maps[1], maps[2], maps[3]


def _branches(d: Draft, x: Feature, name: str, branch: int, channels: int) -> Feature:
    """Two narrow branches; one goes on through two convolutions, and all four maps are joined."""
    a = d.conv(x, f"{name}.past", branch)
    b = d.conv(x, f"{name}.through", branch)
    c = d.conv(b, f"{name}.0", branch, 3)
    e = d.conv(c, f"{name}.1", branch, 3)
    return d.conv(d.concat([e, c, b, a], f"{name}.join"), f"{name}.out", channels)


def _pyramid(d: Draft, x: Feature) -> Feature:
    past = d.conv(x, "pyramid.past", 256)
    y = d.conv(x, "pyramid.in", 256)
    joined = d.concat([y, *pools(d, y, "pyramid")], "pyramid.concat")
    y = d.concat([d.conv(joined, "pyramid.joined", 256), past], "pyramid.join")
    return d.conv(y, "pyramid.out", 256)


def _up(d: Draft, low: Feature, high: Feature, name: str, channels: int) -> Feature:
    narrow = d.conv(high, f"{name}.high", channels)
    return join_up(d, d.conv(low, f"{name}.low", channels), narrow, name)


def _step_down(d: Draft, x: Feature, skip: Feature, name: str, branch: int) -> Feature:
    y = d.conv(x, f"{name}.in", 2 * x.channels, 3, 2)
    return _branches(d, d.concat([y, skip], f"{name}.concat"), name, branch, 2 * branch)
