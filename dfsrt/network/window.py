"""The window of a layer: which inputs along each axis of an image make which results."""

from __future__ import annotations

import math
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
