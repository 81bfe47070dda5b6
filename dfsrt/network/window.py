"""The window of a layer: which inputs along each axis of an image make which results."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from dfsrt.network.axis import Axis


@dataclass(frozen=True, slots=True)
class Window:
    """What slides over a layer's images: its ``axes``, rows before columns, and its ``groups``.

    ``axes`` are those of the images that the layer's product, pool or resize makes, whatever joined
    it later; a 1-D layer has one, a 3-D layer three. ``groups`` of channels meet only each other; a
    pool or a resize has as many as channels.
    """

    axes: tuple[Axis, ...]
    groups: int = 1

    @property
    def taps(self) -> int:
        """Multiply-accumulates of one input and one output channel, those on padding included.

        A layer's are these times its images, its input channels and the output channels of a group.
        """
        return math.prod(axis.taps for axis in self.axes)

    @property
    def taps_on_input(self) -> int:
        """Those of ``taps`` that meet an input and, where transposed, a result: none on padding."""
        return math.prod(axis.taps_on_input for axis in self.axes)


def window_of_sizes(
    sizes: Sequence[int], results: Sequence[int], kernel: Sequence[int], groups: int
) -> Window:
    """Return the window of a ``kernel`` that most likely makes ``results`` out of ``sizes``.

    The stride is the one that padding to the full size would need; where there is none, the one
    without padding. Padding is alike at both ends.
    """
    return Window(tuple(map(_likely_axis, sizes, results, kernel)), groups)


def _likely_axis(size: int, results: int, kernel: int) -> Axis:
    stride = max(-(-size // max(results, 1)), 1)
    if -(-size // stride) != results or results == 1:
        stride = max(round((size - kernel) / max(results - 1, 1)), 1)
    missing = (results - 1) * stride + kernel - size
    return Axis(size, results, kernel, stride, max(-(-missing // 2), 0))


def grown_window(sizes: Sequence[int], results: Sequence[int], groups: int) -> Window | None:
    """Return the window of a resize that repeats positions; None where it has to interpolate."""
    factors = [result // size for size, result in zip(sizes, results, strict=True)]
    if any(f * size != result for f, size, result in zip(factors, sizes, results, strict=True)):
        return None
    axes = zip(sizes, results, factors, strict=True)
    return Window(tuple(Axis(n, m, f, f, transposed=True) for n, m, f in axes), groups)
