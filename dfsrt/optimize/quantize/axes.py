"""Where channels lie in a weight as the file has it."""

from __future__ import annotations

from dfsrt.optimize.weights import Weight


def input_axis(weight: Weight) -> int:
    """Return the axis of a weight along which input channels lie."""
    ndim = len(weight.tensor.dims)
    return {"conv": 1, "conv-transpose": 0, "rows": ndim - 1, "columns": ndim - 2}[weight.layout]


def channel_axis(weight: Weight) -> int:
    """Return the axis of a weight along which output channels lie."""
    ndim = len(weight.tensor.dims)
    return {"conv": 0, "conv-transpose": 1, "rows": ndim - 2, "columns": ndim - 1}[weight.layout]
