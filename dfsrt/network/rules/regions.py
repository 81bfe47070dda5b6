"""Rules of the operators on boxes, regions and sampling grids, most of them of detectors.

Source: assumed. Lane operations counted from the operators' definitions, as in ``lane_ops``.
"""

from __future__ import annotations

import math

from dfsrt.network.layer import Gemm, Kind
from dfsrt.network.rules.lane_ops import FUNCTION
from dfsrt.network.rules.matrix import groups_of, matrix_work
from dfsrt.network.rules.vector import vector_work
from dfsrt.network.rules.work import Call, Rule, Work

_OVERLAP_OPS = 4 + 2 + 2 + 1 + 2 + FUNCTION + 1
"""Corners, sides clipped at zero, area, union, ratio and its comparison."""


def taps_ops(axes: int) -> int:
    """Lane operations of one value between grid points: 2**axes taps, each weighed and added."""
    return 2 << axes


def _grid_sample(call: Call) -> Work:
    """A coordinate and its weights an axis for each position, and the taps of every channel."""
    output, axes = call.output, len(call.input(0).shape) - 2
    mode = call.node.attribute("mode", "linear")
    if mode in ("nearest",):
        taps = 1
    elif mode in ("cubic", "bicubic"):
        taps = 2 * 4**axes
    else:
        taps = taps_ops(axes)
    positions = output.elements // max(output.shape[1], 1)
    return vector_work(taps * output.elements + 3 * axes * positions)


def _affine_grid(call: Call) -> Work:
    """A product and a sum for each axis of the position, in every coordinate."""
    return vector_work(2 * call.output.shape[-1] * call.output.elements, frozenset({1}))


def _roi_align(call: Call) -> Work:
    """Samples of every bin between four points each, and their mean or largest.

    Limits: without a sampling ratio a region counts as large as the image, as in the worst case.
    """
    height, width = call.input(0).shape[2:]
    output, ratio = call.output, call.node.attribute("sampling_ratio", 0)
    rows, columns = (
        ratio or math.ceil(size / max(bins, 1))
        for size, bins in zip((height, width), output.shape[2:], strict=True)
    )
    samples = output.elements * rows * columns
    return vector_work((taps_ops(2) + 1) * samples, frozenset({2}))


def _max_roi_pool(call: Call) -> Work:
    """A comparison for each element of a region, which counts as large as the image."""
    image = call.input(0).shape
    regions = call.output.shape[0]
    return vector_work(max(regions * math.prod(image[1:]), call.output.elements))


def _suppression(call: Call) -> Work:
    """Per class a sort of all boxes, and the overlap of each kept one with all others."""
    batch, classes, boxes = call.input(1).shape
    kept = min(call.output.shape[0], batch * classes * boxes)
    sorting = batch * classes * boxes * max(boxes - 1, 1).bit_length()
    return vector_work(sorting + kept * boxes * _OVERLAP_OPS, frozenset({2, 3, 4}))


def _deform_conv(call: Call) -> Work:
    """A convolution whose operands the vector unit picks first, between four points each.

    Limits: its window is unknown; where it reads, offsets say at run time.
    """
    data, weight, output = call.input(0).shape, call.input(1).shape, call.output.shape
    groups = groups_of(call, weight[0])
    if data[1] != weight[1] * groups:
        raise call.refuse(f"{data[1]} input channels do not fit weights {list(weight)}")
    rows = output[0] * math.prod(output[2:])
    taps = math.prod(weight[2:])
    gemm = Gemm(rows, weight[1] * taps, weight[0] // groups, groups)
    masked = call.optional(4) is not None
    picked = rows * taps * data[1] * (taps_ops(len(data) - 2) + masked)
    work = matrix_work(call, gemm)
    return Work(Kind.MATRIX, work.gemms, work.operands, vector_ops=picked)


REGION_RULES: dict[str, Rule] = {
    "AffineGrid": _affine_grid,
    "DeformConv": _deform_conv,
    "GridSample": _grid_sample,
    "MaxRoiPool": _max_roi_pool,
    "NonMaxSuppression": _suppression,
    "RoiAlign": _roi_align,
}
