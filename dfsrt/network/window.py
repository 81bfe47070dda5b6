"""The window of a layer: which inputs along each axis of an image make which results."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis of an image: ``size_in`` positions are read, ``size_out`` are made.

    Result ``o`` needs the ``kernel`` positions from ``o * stride - pad`` on, ``dilation`` apart.
    A transposed axis (``transposed``) is the reverse: position ``i`` adds to the ``kernel`` results
    from ``i * stride - pad`` on. ``pad`` is the padding before the first position.
    """

    size_in: int
    size_out: int
    kernel: int = 1
    stride: int = 1
    pad: int = 0
    dilation: int = 1
    transposed: bool = False


@dataclass(frozen=True, slots=True)
class Window:
    """What slides over a layer's images: its ``axes``, rows before columns, and its ``groups``.

    ``axes`` are those of the images that the layer's product, pool or resize makes, whatever joined
    it later; a 1-D layer has one, a 3-D layer three.
    """

    axes: tuple[Axis, ...]
    groups: int = 1
