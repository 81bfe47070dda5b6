"""Drafts: graphs of convolutions in the making, where each tensor knows its channels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dfsrt.network.kit import parts
from dfsrt.network.kit.builder import Builder
from dfsrt.network.kit.transformer import gelu


@dataclass(frozen=True, slots=True)
class Feature:
    """A feature map: its tensor and how many channels it has."""

    tensor: str
    channels: int


def _relu(b: Builder, x: str, name: str) -> str:
    return b.node("Relu", [x], name)


def _leaky(b: Builder, x: str, name: str) -> str:
    return b.node("LeakyRelu", [x], name, alpha=0.1)


def _relu6(b: Builder, x: str, name: str) -> str:
    return b.node("Clip", [x, b.scalar(f"{name}.low", 0), b.scalar(f"{name}.high", 6)], name)


def _sigmoid(b: Builder, x: str, name: str) -> str:
    return b.node("Sigmoid", [x], name)


ACTIVATIONS: dict[str, Callable[[Builder, str, str], str]] = {
    "relu": _relu,
    "relu6": _relu6,
    "leaky": _leaky,
    "sigmoid": _sigmoid,
    "silu": parts.silu,
    "gelu": gelu,
}


class Draft:
    """Adds layers to a builder; ``act`` is the activation where a layer does not name its own.

    A convolution has a bias, into which the batch norm behind it is folded, as in networks that
    are deployed.
    """

    def __init__(self, b: Builder, act: str) -> None:
        self.b, self.act = b, act

    def conv(
        self, x: Feature, name: str, channels: int, kernel: int = 1, stride: int = 1,
        *, act: str | None = None, groups: int = 1, dilation: int = 1, pad: int | None = None,
        bias: bool = True,
    ) -> Feature:  # fmt: skip
        """Add a convolution and its activation, ``act=""`` is none; all four sides ``pad``ded."""
        made = parts.conv(
            self.b, x.tensor, name, (x.channels, channels), kernel, stride,
            None if pad is None else [pad] * 4, groups=groups, dilation=dilation, bias=bias,
        )  # fmt: skip
        kind = self.act if act is None else act
        return Feature(ACTIVATIONS[kind](self.b, made, f"{name}.act") if kind else made, channels)

    def depthwise(
        self, x: Feature, name: str, kernel: int = 3, stride: int = 1, dilation: int = 1,
        *, act: str | None = None,
    ) -> Feature:  # fmt: skip
        """Add a convolution of each channel by itself, and its activation."""
        return self.conv(
            x, name, x.channels, kernel, stride, act=act, groups=x.channels, dilation=dilation
        )

    def add(self, x: Feature, y: Feature, name: str) -> Feature:
        """Add two maps of one shape."""
        return Feature(self.b.node("Add", [x.tensor, y.tensor], name), x.channels)

    def concat(self, features: list[Feature], name: str) -> Feature:
        """Join maps along their channels."""
        made = self.b.node("Concat", [f.tensor for f in features], name, axis=1)
        return Feature(made, sum(f.channels for f in features))

    def halves(self, x: Feature, name: str) -> tuple[Feature, Feature]:
        """Split a map's channels in two."""
        first, second = self.b.halves(x.tensor, name, axis=1)
        return Feature(first, x.channels // 2), Feature(second, x.channels // 2)

    def max_pool(self, x: Feature, name: str, kernel: int, stride: int = 1) -> Feature:
        """Add a pooling by maximum; one with an odd kernel is padded."""
        made = self.b.node(
            "MaxPool", [x.tensor], name, kernel_shape=[kernel] * 2, strides=[stride] * 2,
            pads=[kernel // 2 if kernel % 2 else 0] * 4,
        )  # fmt: skip
        return Feature(made, x.channels)

    def upsample(self, x: Feature, name: str) -> Feature:
        """Double height and width."""
        return Feature(parts.upsample(self.b, x.tensor, name), x.channels)

    def channel_sum(self, x: Feature, name: str) -> str:
        """Add the sum over channels, clipped to 1, as a convolution with a constant one each."""
        ones = self.b.weight(f"{name}.ones", (1, x.channels, 1, 1), 1.0)
        made = self.b.node("Conv", [x.tensor, ones], name, kernel_shape=[1, 1])
        bounds = [self.b.scalar(f"{name}.low", 0), self.b.scalar(f"{name}.high", 1)]
        return self.b.node("Clip", [made, *bounds], f"{name}.clip")

    def excite(self, x: Feature, name: str, narrow: int) -> Feature:
        """Add a factor for each channel, between 0 and 1, from the means of all of them."""
        mean = Feature(self.b.node("GlobalAveragePool", [x.tensor], f"{name}.mean"), x.channels)
        factor = self.conv(self.conv(mean, f"{name}.narrow", narrow), f"{name}.wide", x.channels,
                           act="sigmoid")  # fmt: skip
        return Feature(self.b.node("Mul", [x.tensor, factor.tensor], f"{name}.scale"), x.channels)

    def classify(self, x: Feature, classes: int) -> str:
        """Add a mean over each map and a product to the classes' scores."""
        mean = self.b.node("GlobalAveragePool", [x.tensor], "mean")
        flat = self.b.node("Flatten", [mean], "flat")
        weight = self.b.weight("classes.weight", (x.channels, classes), 1 / x.channels)
        bias = self.b.weight("classes.bias", (classes,))
        return self.b.node("Gemm", [flat, weight, bias], "classes")
