"""Layers as convolutions that an engine of micro-blocks works on."""

from __future__ import annotations

import math

from dfsrt.device.convolution import image_window
from dfsrt.device.micro_block import Shape
from dfsrt.network.layer import Gemm, Layer

POOLS = ("MaxPool", "AveragePool", "GlobalAveragePool", "GlobalMaxPool")
PAIRED = ("Add", "Sub", "Mul", "Sum", "Div")
"""Operators of two maps, which a layer may have beside its own product."""


def written_out(layer: Layer) -> tuple[Gemm, ...]:
    """Return a layer's products; of a recurrent one for each gate, and row by row of each step."""
    width = next((g.k for g in layer.gemms if g.steps > 1), 0)
    if not width:
        return layer.gemms
    return tuple(Gemm(1, g.k, width, g.count * (g.n // width), g.m * g.steps) for g in layer.gemms)


def matrix_shape(gemm: Gemm) -> Shape:
    """Return one product of matrices: a row of pixels, one tap."""
    return Shape(1, 1, gemm.m, gemm.k, gemm.n, 1, 1, 1, gemm.m)


def convolution_shape(layer: Layer, gemm: Gemm) -> Shape | None:
    """Return one group of a convolution of images, or all of a depthwise one; None for others."""
    window = image_window(layer)
    if window is None:
        return None
    rows, columns = window.axes
    channels = gemm.k // (rows.kernel * columns.kernel)
    is_depthwise = gemm.count > 1 and channels == 1
    many = gemm.count if is_depthwise else 1
    return Shape(
        gemm.m // (rows.size_out * columns.size_out), rows.size_in, columns.size_in,
        channels * many, gemm.n * many, rows.kernel, columns.kernel,
        rows.size_out, columns.size_out, rows.stride, columns.stride, is_depthwise,
    )  # fmt: skip


def pooling_shape(layer: Layer) -> Shape | None:
    """Return the images of a pooling; None where they are none.

    Limits: the kernel is reckoned from the layer's operations, and is square; a pooling to one
    pixel takes the whole map.
    """
    x, y = layer.inputs[0].shape, layer.outputs[0]
    if len(x) != 4 or not y.elements:
        return None
    images, channels, in_h, in_w = x
    out_h, out_w = y.shape[2:] if len(y.shape) == 4 else (1, 1)
    side = math.isqrt(max(layer.vector_ops // y.elements, 1))
    high, wide = (in_h, in_w) if out_h * out_w == 1 else (side, side)
    return Shape(
        images, in_h, in_w, channels, channels, high, wide, out_h, out_w,
        _stride(in_h, high, out_h), _stride(in_w, wide, out_w),
        is_depthwise=True, has_weights=False,
    )  # fmt: skip


def paired_operators(layer: Layer) -> tuple[str, ...]:
    """Return the operators that joined a layer and read two maps: a pass of their own each.

    A product of a map and its own sigmoid (SiLU) is one of them.
    """
    inputs = {t.name for t in layer.inputs}
    maps = sum(t.name in inputs for t in layer.side_inputs)
    own = ("Mul",) if {"Sigmoid", "Mul"} <= set(layer.joined) else ()
    others = [op for op in layer.joined if op in PAIRED and op not in own]
    return (*others[:maps], *own)


def _stride(size: int, kernel: int, results: int) -> int:
    return 1 if results == 1 else max(round((size - kernel) / (results - 1)), 1)
