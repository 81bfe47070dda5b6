"""U-Net: down to a coarse map, and up again beside what was seen on the way."""

from __future__ import annotations

import onnx

from dfsrt.network.kit.builder import Builder
from dfsrt.network.vision.draft import Draft, Feature

CHANNELS = (64, 128, 256, 512, 1024)
"""Of both convolutions at each depth. Source: Ronneberger, Fischer and Brox, U-Net, MICCAI 2015,
figure 1."""
LOST = 4
"""Rows and columns that two convolutions of 3 x 3 without padding take off a map."""


def build_unet(
    *, image: int, height: int, batch: int, classes: int, precision: str = "fp32"
) -> onnx.ModelProto:
    """Return U-Net on pictures of one channel; no convolution is padded, as in the paper."""
    d = Draft(Builder("unet", batch, precision), "relu")
    x = Feature(d.b.input("picture", (batch, 1, height, image)), 1)
    sides, passed = (height, image), []
    for depth, channels in enumerate(CHANNELS):
        x, sides = _twice(d, x, f"down{depth}", channels), _less(sides)
        if depth < len(CHANNELS) - 1:
            passed.append((x, sides))
            x = d.max_pool(x, f"down{depth}.pool", 2, 2)
            sides = (sides[0] // 2, sides[1] // 2)
    for depth, (beside, before) in reversed(list(enumerate(passed))):
        sides = (2 * sides[0], 2 * sides[1])
        kept = _cropped(d, beside, f"up{depth}.crop", before, sides)
        wider = _wider(d, x, f"up{depth}.wider", CHANNELS[depth])
        x = _twice(d, d.concat([kept, wider], f"up{depth}.concat"), f"up{depth}", CHANNELS[depth])
        sides = _less(sides)
    d.b.output(d.conv(x, "classes", classes, act="").tensor, "map", (batch, classes, *sides))
    return d.b.model()


def _twice(d: Draft, x: Feature, name: str, channels: int) -> Feature:
    return d.conv(d.conv(x, f"{name}.0", channels, 3, pad=0), f"{name}.1", channels, 3, pad=0)


def _less(sides: tuple[int, int]) -> tuple[int, int]:
    return sides[0] - LOST, sides[1] - LOST


def _wider(d: Draft, x: Feature, name: str, channels: int) -> Feature:
    """Add a transposed convolution of 2 x 2, which doubles height and width."""
    weight = d.b.weight(f"{name}.weight", (x.channels, channels, 2, 2), 1 / x.channels)
    operands = [x.tensor, weight, d.b.weight(f"{name}.bias", (channels,))]
    wider = d.b.node("ConvTranspose", operands, name, kernel_shape=[2, 2], strides=[2, 2])
    return Feature(wider, channels)


def _cropped(
    d: Draft, x: Feature, name: str, sides: tuple[int, int], left: tuple[int, int]
) -> Feature:
    """Add a cut of the middle of a map of ``sides``, as much as is ``left``."""
    starts = [(whole - part) // 2 for whole, part in zip(sides, left, strict=True)]
    ends = [start + part for start, part in zip(starts, left, strict=True)]
    b = d.b
    operands = [b.ints(f"{name}.{what}", v) for what, v in (("starts", starts), ("ends", ends))]
    middle = b.node("Slice", [x.tensor, *operands, b.ints(f"{name}.axes", [2, 3])], name)
    return Feature(middle, x.channels)
