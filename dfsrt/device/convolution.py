"""Convolutions among operators with products."""

from __future__ import annotations

from dfsrt.network.layer import Layer
from dfsrt.network.window import Window, window_of_sizes

CONVOLUTIONS = ("Conv", "ConvInteger", "QLinearConv")
"""Operators that engines take tap by tap; all others are products of one tap."""


def image_window(layer: Layer) -> Window | None:
    """Return the window of a convolution over two axes; None of all other layers.

    One that was recorded before layers had windows gets the one that its sizes make likely.
    """
    if layer.op not in CONVOLUTIONS or len(layer.gemms) != 1:
        return None
    window = layer.window or _likely(layer)
    return window if window is not None and len(window.axes) == 2 else None


def _likely(layer: Layer) -> Window | None:
    read, operands = {t.name: t.shape for t in layer.reads}, layer.operands[0]
    data, weight = (read[name] for name in (*operands.a, *operands.b))
    results = layer.outputs[0].shape
    if not len(data) == len(weight) == len(results):
        return None
    return window_of_sizes(data[2:], results[2:], weight[2:], layer.gemms[0].count)
