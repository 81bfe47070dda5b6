"""Made-up layers on images: convolutions with and without a bias, and what stands beside them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dfsrt.network.probe import Probe, make_probe
from dfsrt.power.measure.sweep import (
    Family,
    Point,
    batched_image,
    convolution,
    pick,
    whole,
    width,
)

_PERMUTED = ((0, 2, 1), (1, 0, 2), (0, 2, 1, 3), (0, 1, 3, 2), (0, 2, 3, 1), (0, 2, 1, 3, 4))


def _conv(name: str, p: Point, dtype: str) -> Probe:
    channels, filters = width(p[2], 8, 2048, p[6]), width(p[3], 8, 2048, p[6])
    kernel, stride = pick(p[4], (1, 1, 1, 3, 3, 3, 5, 7)), pick(p[5], (1, 1, 1, 2))
    image = batched_image(p, max(channels, filters))
    return convolution(
        name, dtype, (image[0], channels, *image[2:]), filters, kernel, stride, 1, p[7] < 0.4
    )


def _first(name: str, p: Point, dtype: str) -> Probe:
    kernel, stride = pick(p[2], ((3, 1), (3, 2), (5, 2), (6, 2), (7, 2), (11, 4)))
    batch, size = whole(p[0], 1, 64), whole(p[1], 96, 640, 32)
    image = (batch, pick(p[4], (1, 3, 3, 3, 4)), size, size)
    filters = whole(p[3], 8, 128, 8)
    return convolution(name, dtype, image, filters, kernel, stride, 1, p[5] < 0.3)


def _conv_relu(name: str, p: Point, dtype: str) -> Probe:
    probe = _conv(name, (*p[:7], 0.0), dtype)
    layer = probe.layer
    joined = replace(layer, joined=("Relu",), fused_ops=layer.outputs[0].elements)
    return replace(probe, layer=joined)


def _depthwise(name: str, p: Point, dtype: str) -> Probe:
    image = batched_image(p, width(p[2], 16, 2048, p[5]))
    kernel, stride = pick(p[3], (3, 3, 3, 5, 7)), pick(p[4], (1, 1, 2))
    return convolution(name, dtype, image, image[1], kernel, stride, image[1], p[6] < 0.3)


def _grouped(name: str, p: Point, dtype: str) -> Probe:
    """Of ResNeXt, RegNet and ShuffleNet: few or many groups, 1 x 1 or 3 x 3."""
    groups = pick(p[3], (2, 3, 4, 8, 16, 32, 64))
    channels = groups * pick(p[2], (4, 8, 10, 16, 20, 24, 30, 32, 48, 64, 100))
    image = batched_image(p, channels)
    kernel, stride = pick(p[4], (1, 1, 3, 3, 3)), pick(p[5], (1, 1, 2))
    return convolution(name, dtype, image, channels, kernel, stride, groups, p[6] < 0.3)


def _norm(name: str, p: Point, dtype: str) -> Probe:
    op = pick(p[3], ("BatchNormalization",) * 4 + ("GroupNormalization", "InstanceNormalization"))
    image = batched_image(p, whole(p[2], 16, 2048, 32 if op[0] == "G" else 8))
    scale = (image[1],)
    if op == "GroupNormalization":
        return make_probe(name, op, [image, scale, scale], dtype, num_groups=32)
    return make_probe(name, op, [image] + [scale] * (4 if op[0] == "B" else 2), dtype)


def _pool(name: str, p: Point, dtype: str) -> Probe:
    image = batched_image(p, whole(p[2], 16, 2048, 8))
    op = pick(p[3], ("MaxPool", "AveragePool", "GlobalAveragePool"))
    if op == "GlobalAveragePool":
        return make_probe(name, op, [image], dtype)
    kernel, stride = pick(p[4], ((2, 2), (3, 2), (3, 1), (5, 1)))
    pads = [kernel // 2 if kernel % 2 else 0] * 4
    return make_probe(
        name, op, [image], dtype, kernel_shape=[kernel] * 2, strides=[stride] * 2, pads=pads
    )


def _resize(name: str, p: Point, dtype: str) -> Probe:
    batch, channels, *size = batched_image((p[0] * 0.8, p[1] * 0.7), whole(p[2], 16, 512, 8) * 4)
    scales, empty = np.array([1, 1, 2, 2], np.float32), np.array([], np.float32)
    return make_probe(
        name,
        "Resize",
        [(batch, max(8, channels // 4), *size)],
        dtype,
        settings={1: empty, 2: scales},
        mode=pick(p[3], ("nearest", "nearest", "linear")),
    )


def _concat(name: str, p: Point, dtype: str) -> Probe:
    image = batched_image(p, 2 * whole(p[2], 16, 512, 8))
    first = max(8, int(image[1] * pick(p[3], (0.25, 0.5, 0.75))) // 8 * 8)
    parts = [(image[0], c, *image[2:]) for c in (first, max(8, image[1] - first))]
    return make_probe(name, "Concat", parts, dtype, axis=1)


def _slice(name: str, p: Point, dtype: str) -> Probe:
    image = batched_image(p, 2 * whole(p[2], 16, 512, 4))
    half = image[1] // 2
    ends = {i + 1: np.array([v], np.int64) for i, v in enumerate((0, half, 1))}
    return make_probe(name, "Slice", [image], dtype, settings=ends)


def _scale(name: str, p: Point, dtype: str) -> Probe:
    """An image times one number for each channel, as squeeze and excitation end."""
    image = batched_image(p, whole(p[2], 16, 1536, 8))
    return make_probe(name, "Mul", [image, (*image[:2], 1, 1)], dtype)


def _transpose(name: str, p: Point, dtype: str) -> Probe:
    order = pick(p[3], _PERMUTED)
    shape = [whole(x, 4, 2048) for x in (p[0], p[1], p[2])] + [whole(p[1], 2, 64)] * 2
    shape = shape[: len(order)]
    if len(order) == 5:  # groups of channels change places
        shape = [whole(p[0], 1, 64), pick(p[1], (2, 2, 3, 4, 8)), whole(p[2], 12, 256), 28, 28]
    while np.prod(shape) > 2**26:
        shape[int(np.argmax(shape))] //= 2
    return make_probe(name, "Transpose", [tuple(shape)], dtype, perm=list(order))


IMAGE_FAMILIES = (
    Family("conv", 0.30, 8, _conv),
    Family("conv_first", 0.03, 6, _first),
    Family("conv_relu", 0.10, 7, _conv_relu),
    Family("conv_depthwise", 0.11, 7, _depthwise),
    Family("conv_grouped", 0.12, 7, _grouped),
    Family("channel_norm", 0.10, 4, _norm),
    Family("pool", 0.07, 5, _pool),
    Family("resize", 0.02, 4, _resize),
    Family("concat", 0.03, 4, _concat),
    Family("slice", 0.02, 3, _slice),
    Family("scale", 0.03, 3, _scale),
    Family("transpose", 0.07, 4, _transpose),
)
"""Shares are of the layers; convolutions have most, since they take most time."""

ON_IMAGES = frozenset(f.name for f in IMAGE_FAMILIES if f.name != "transpose") | {
    "conv_patch",
    "conv_transpose",
}
"""Families whose layers lie channel-last where images do."""
