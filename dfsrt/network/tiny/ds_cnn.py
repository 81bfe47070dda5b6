"""DS-CNN: depthwise separable convolutions on the spectrum of a second of sound."""

from __future__ import annotations

import onnx

from dfsrt.network.kit.builder import Builder
from dfsrt.network.vision.draft import ACTIVATIONS, Draft, Feature

COEFFICIENTS, CHANNELS, BLOCKS = 10, 64, 4
KERNEL, STRIDE = (10, 4), 2
"""Of the first convolution. Source: Zhang et al., Hello Edge, arXiv 1711.07128, DS-CNN small."""


def build_ds_cnn(
    *, frames: int, batch: int, classes: int, precision: str = "fp32"
) -> onnx.ModelProto:
    """Return DS-CNN on ``frames`` of ten coefficients each."""
    d = Draft(Builder("tiny-keywords", batch, precision), "relu")
    x = _stem(d, d.b.input("spectrum", (batch, 1, frames, COEFFICIENTS)), frames)
    for number in range(BLOCKS):
        x = d.depthwise(x, f"{number}.depthwise", 3)
        x = d.conv(x, f"{number}.pointwise", CHANNELS)
    scores = d.b.node("Softmax", [d.classify(x, classes)], "softmax", axis=-1)
    d.b.output(scores, "scores", (batch, classes))
    return d.b.model()


def _stem(d: Draft, x: str, frames: int) -> Feature:
    """The first convolution, padded so that half of the rows and columns are left, rounded up."""
    (top, bottom), (left, right) = (
        _padding(size, kernel) for size, kernel in zip((frames, COEFFICIENTS), KERNEL, strict=True)
    )
    weight = d.b.weight("stem.weight", (CHANNELS, 1, *KERNEL), 1 / (KERNEL[0] * KERNEL[1]))
    y = d.b.node(
        "Conv", [x, weight, d.b.weight("stem.bias", (CHANNELS,))], "stem",
        kernel_shape=list(KERNEL), strides=[STRIDE] * 2, pads=[top, left, bottom, right],
    )  # fmt: skip
    return Feature(ACTIVATIONS["relu"](d.b, y, "stem.act"), CHANNELS)


def _padding(size: int, kernel: int) -> tuple[int, int]:
    missing = max((-(-size // STRIDE) - 1) * STRIDE + kernel - size, 0)
    return missing // 2, missing - missing // 2
