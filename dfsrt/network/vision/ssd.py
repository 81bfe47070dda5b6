"""SSD on MobileNet and on ResNet-34, as MLPerf runs them: boxes and classes from six maps."""

from __future__ import annotations

from collections.abc import Sequence

import onnx

from dfsrt.network.kit.builder import Builder
from dfsrt.network.vision.draft import Draft, Feature
from dfsrt.network.vision.mobilenet_v1 import maps as trunk_maps
from dfsrt.network.vision.resnet import BLOCKS, basic_stage, stem

FIRST_MAP = 10
"""The pair whose map is the finest that boxes are proposed on."""
MOBILENET_EXTRAS = ((256, 512, 2, 1), (128, 256, 2, 1), (128, 256, 2, 1), (64, 128, 2, 1))
RESNET_EXTRAS = ((256, 512, 2, 1), (256, 512, 2, 1), (128, 256, 2, 1), (128, 256, 2, 0),
                 (128, 256, 1, 0))  # fmt: skip
"""Inner and outer channels, stride and padding of each further map. Source: Liu et al., SSD, ECCV
2016, figure 2, with the strides and paddings of MLPerf's two models (inference r0.5)."""
MOBILENET_BOXES, RESNET_BOXES = (3, 6, 6, 6, 6, 6), (4, 6, 6, 6, 4, 4)
"""Boxes that each pixel of the six maps proposes."""
RESNET_STEP = 3
"""Pixels from one proposal to the next on each map of the ResNet's."""


def build_ssd_mobilenetv1(
    *, image: int, height: int, batch: int, classes: int, precision: str = "fp32"
) -> onnx.ModelProto:
    """Return SSD on MobileNet 1.0; what turns its answers into boxes runs on the host."""
    d = Draft(Builder("ssd-mobilenetv1", batch, precision), "relu6")
    each = list(trunk_maps(d, Feature(d.b.input("picture", (batch, 3, height, image)), 3)))
    maps = _extended(d, [each[FIRST_MAP], each[-1]], MOBILENET_EXTRAS)
    _answer(d, maps, MOBILENET_BOXES, classes, _sides(height, image, 4, 6), kernel=1, step=1)
    return d.b.model()


def build_ssd_resnet34(
    *, image: int, height: int, batch: int, classes: int, precision: str = "fp32"
) -> onnx.ModelProto:
    """Return SSD on the first three stages of ResNet-34, the third of which keeps the map."""
    d = Draft(Builder("ssd-resnet34", batch, precision), "relu")
    x = stem(d, Feature(d.b.input("picture", (batch, 3, height, image)), 3))
    for stage, stride in enumerate((1, 2, 1)):
        x = basic_stage(d, x, stage, BLOCKS["34"][stage], stride)
    maps = _extended(d, [x], RESNET_EXTRAS)
    whole = _sides(height, image, 3, 4)
    finer = [tuple((side - 3) // 2 + 1 for side in whole[-1])]
    finer.append(tuple(side - 2 for side in finer[0]))
    kept = [tuple((side - 1) // RESNET_STEP + 1 for side in sides) for sides in (*whole, *finer)]
    _answer(d, maps, RESNET_BOXES, classes, kept, kernel=3, step=RESNET_STEP)
    return d.b.model()


def _sides(height: int, image: int, first: int, count: int) -> list[tuple[int, ...]]:
    """Return the sides of ``count`` maps, halved ``first`` times, once more, and so on."""
    return [tuple(-(-s // 2**n) for s in (height, image)) for n in range(first, first + count)]


def _extended(
    d: Draft, maps: Sequence[Feature], extras: Sequence[tuple[int, int, int, int]]
) -> list[Feature]:
    """Return ``maps`` and the coarser ones behind the last."""
    extended = list(maps)
    for i, (inner, outer, stride, pad) in enumerate(extras):
        y = d.conv(extended[-1], f"extra{i}.0", inner)
        extended.append(d.conv(y, f"extra{i}.1", outer, 3, stride, pad=pad))
    return extended


def _answer(
    d: Draft,
    maps: Sequence[Feature],
    boxes: Sequence[int],
    classes: int,
    sides: Sequence[tuple[int, ...]],
    *,
    kernel: int,
    step: int,
) -> None:
    """End in four sides and all classes' scores of the boxes on every map."""
    for i, (x, count) in enumerate(zip(maps, boxes, strict=True)):
        for what, channels in (("box", 4 * count), ("class", classes * count)):
            y = d.conv(x, f"detect{i}.{what}", channels, kernel, step, act="")
            d.b.output(y.tensor, f"{what}{i}", (d.b.batch, channels, *sides[i]))
