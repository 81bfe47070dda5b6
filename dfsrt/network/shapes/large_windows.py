"""Windows of convolutions and pools that are larger than what they slide over."""

from __future__ import annotations

from collections.abc import Sequence

from dfsrt.network.graph import Node
from dfsrt.network.mismatch import Apart

Shape = tuple[int, ...] | None
"""An operand's shape; None of one that is absent."""

_WEIGHTS = {"Conv": 1, "ConvInteger": 1, "QLinearConv": 3}
POOLS = {"AveragePool", "LpPool", "MaxPool"}


def window_apart(node: Node, shapes: Sequence[Shape]) -> Apart | None:
    """Return the axis on which a window of ``node`` does not fit in once; None if all do.

    Source: a convolution in onnxruntime refuses such an input; a pool takes a window that starts
    within two strides of the data, and makes one or nothing, for its division rounds towards zero.
    """
    data = shapes[0] if shapes else None
    if data is None or 0 in data or node.op not in {*_WEIGHTS, *POOLS}:
        return None
    if node.attribute("auto_pad", "NOTSET") not in ("NOTSET", "VALID"):
        return None  # padded until it fits
    axes, kernel = data[2:], _kernel(node, shapes)
    strides, dilations = (node.per_axis(name, len(axes)) for name in ("strides", "dilations"))
    pads = node.attribute("pads", ()) or (0,) * 2 * len(axes)
    if not len(kernel) == len(axes) == len(strides) == len(dilations) == len(pads) / 2:
        return None  # shape inference says what is wrong
    for axis, size in enumerate(axes):
        window = dilations[axis] * (kernel[axis] - 1) + 1
        padded = size + pads[axis] + pads[axis + len(axes)]
        spare = max(2 * strides[axis] - 1, 0) if node.op in POOLS else 0
        if padded < window - spare:
            return _larger(node, axis + 2, window, size, padded)
    return None


def _kernel(node: Node, shapes: Sequence[Shape]) -> tuple[int, ...]:
    place = _WEIGHTS.get(node.op, len(shapes))
    weights = shapes[place] if place < len(shapes) else None
    return node.attribute("kernel_shape", ()) or (weights or ())[2:]


def _larger(node: Node, axis: int, window: int, size: int, padded: int) -> Apart:
    with_pads = f", {padded} with its padding" if padded != size else ""
    what = f"a window of {window} does not fit into axis {axis} of '{node.inputs[0]}'"
    return Apart(padded, window, f"{what}, which is {size}{with_pads} and must be larger", axis)
