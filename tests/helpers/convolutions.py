"""Convolutions in int8 by their shapes, and those of published networks."""

from __future__ import annotations

from dfsrt.network.axis import Axis
from dfsrt.network.layer import Gemm, Kind, Layer, Operands
from dfsrt.network.tensor import Tensor
from dfsrt.network.window import Window


def convolution(channels, side, filters, kernel, stride=1, pad=0, groups=1):
    """One square image through square filters; ``channels`` and ``filters`` are of all groups."""
    out = (side + 2 * pad - kernel) // stride + 1
    axis = Axis(side, out, kernel, stride, pad)
    one, each = channels // groups, filters // groups
    return Layer(
        "conv", "Conv", Kind.MATRIX, ("conv",),
        inputs=(Tensor("x", (1, channels, side, side), "int8"),),
        weights=(Tensor("w", (filters, one, kernel, kernel), "int8"),),
        outputs=(Tensor("y", (1, filters, out, out), "int8"),),
        gemms=(Gemm(out * out, one * kernel * kernel, each, groups),),
        operands=(Operands(("x",), ("w",), "y"),),
        window=Window((axis, axis), groups),
    )  # fmt: skip


VGG16 = [
    convolution(channels, side, filters, 3, 1, 1)
    for channels, side, filters in [
        (3, 224, 64), (64, 224, 64), (64, 112, 128), (128, 112, 128), (128, 56, 256),
        *[(256, 56, 256)] * 2, (256, 28, 512), *[(512, 28, 512)] * 2, *[(512, 14, 512)] * 3,
    ]
]  # fmt: skip
ALEXNET = [
    convolution(3, 227, 96, 11, 4),
    convolution(96, 27, 256, 5, 1, 2, groups=2),
    convolution(256, 13, 384, 3, 1, 1),
    convolution(384, 13, 384, 3, 1, 1, groups=2),
    convolution(384, 13, 256, 3, 1, 1, groups=2),
]


def _separable(channels, side, filters, stride):
    depthwise = convolution(channels, side, channels, 3, stride, 1, groups=channels)
    return depthwise, convolution(channels, side // stride, filters, 1)


MOBILENETV1 = [
    convolution(3, 224, 32, 3, 2, 1),
    *(
        layer
        for sizes in [
            (32, 112, 64, 1), (64, 112, 128, 2), (128, 56, 128, 1), (128, 56, 256, 2),
            (256, 28, 256, 1), (256, 28, 512, 2), *[(512, 14, 512, 1)] * 5,
            (512, 14, 1024, 2), (1024, 7, 1024, 1),
        ]
        for layer in _separable(*sizes)
    ),
]  # fmt: skip
