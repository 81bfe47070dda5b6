"""The window of a layer: which inputs along each axis of an image make which results."""

from __future__ import annotations

from dataclasses import dataclass

from dfsrt.network.axis import Axis


@dataclass(frozen=True, slots=True)
class Window:
    """What slides over a layer's images: its ``axes``, rows before columns, and its ``groups``.

    ``axes`` are those of the images that the layer's product, pool or resize makes, whatever joined
    it later; a 1-D layer has one, a 3-D layer three.
    """

    axes: tuple[Axis, ...]
    groups: int = 1
