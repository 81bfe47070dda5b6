"""Parts that several detectors share: pooling at several sizes, and what a detector ends in."""

from __future__ import annotations

from dfsrt.network.vision.draft import Draft, Feature

STRIDES = (8, 16, 32)
"""Pixels of the picture for a pixel of each map that a detector answers on."""
ANCHORS = 3
"""Boxes that a detector with anchors proposes for each pixel, of four sides and a confidence."""


def pools(d: Draft, x: Feature, name: str) -> list[Feature]:
    """Return ``x`` pooled by maximum over 5, 9 and 13 pixels: three pools of five in a row.

    The same numbers as pools of 9 and 13 side by side, with a good quarter of the comparisons.
    """
    pooled = []
    for i in range(3):
        x = d.max_pool(x, f"{name}.pool{i}", 5)
        pooled.append(x)
    return pooled


def pooled_pyramid(d: Draft, x: Feature, name: str) -> Feature:
    """Add a pyramid of pools between two convolutions; half of the channels go into it."""
    y = d.conv(x, f"{name}.in", x.channels // 2)
    joined = d.concat([y, *pools(d, y, name)], f"{name}.concat")
    return d.conv(joined, f"{name}.out", x.channels)


def join_up(d: Draft, low: Feature, high: Feature, name: str) -> Feature:
    """Double a coarse map and join it to the finer one."""
    return d.concat([d.upsample(low, f"{name}.resize"), high], f"{name}.concat")


def anchored_heads(d: Draft, maps: list[Feature], sides: tuple[int, int], classes: int) -> None:
    """End in the boxes' sides, confidences and classes, all through a sigmoid, on every map.

    What turns them into boxes runs on the host.
    Source: airockchip/rknn_model_zoo @ 9bed8a56, examples/yolov7/README.md (the outputs), FAQ.md
    3.1 @ 333f9514 (the sigmoid).
    """
    channels = ANCHORS * (5 + classes)
    for stride, x in zip(STRIDES, maps, strict=True):
        y = d.conv(x, f"detect{stride}", channels, act="sigmoid")
        shape = (d.b.batch, channels, sides[0] // stride, sides[1] // stride)
        d.b.output(y.tensor, f"boxes{stride}", shape)
