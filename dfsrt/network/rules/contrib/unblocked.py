"""Convolutions in blocks, written out on as many channels as there are without fill."""

from __future__ import annotations

from dfsrt.network.rules.contrib.domains import WIDEST_BLOCK
from dfsrt.network.rules.contrib.fused import convolution, finish, has_more
from dfsrt.network.rules.contrib.write import Pen


def unblocked_convolution(pen: Pen) -> None:
    """Write a convolution whose weights meet the channels that its data has.

    One of a single number a channel is what onnxruntime makes of a batch norm: scale and shift.
    """
    data, weight = pen.facts.shape(pen.operand(0)), pen.facts.shape(pen.operand(1))
    groups = max(pen.node.attribute("group", 1), 1)
    channels = data[1]
    if groups == weight[0] and weight[1] == 1 and 0 <= groups - channels < WIDEST_BLOCK:
        if groups > 1 and set(weight[2:]) == {1} and not _moves(pen):
            _scaled(pen, channels, len(data) - 2)
            return
        _fit(pen, 1, (channels, *weight[1:]))
        _fit(pen, 2, (channels,))
        convolution(pen, own={"group": channels})
        return
    if channels % groups == 0 and 0 <= weight[1] - channels // groups < WIDEST_BLOCK:
        _fit(pen, 1, (weight[0], channels // groups, *weight[2:]))
    convolution(pen)


def _moves(pen: Pen) -> bool:
    """Whether a kernel of one leaves places out or adds some."""
    strides, pads = pen.node.attribute("strides", ()), pen.node.attribute("pads", ())
    return any(step > 1 for step in strides) or any(pads)


def _scaled(pen: Pen, channels: int, axes: int) -> None:
    shape, end = (channels, *(1,) * axes), list(pen.node.outputs[:1])
    _fit(pen, 1, shape)
    shift = pen.optional(2)
    more = has_more(pen)
    result = pen.write("Mul", [pen.operand(0), pen.operand(1)], () if shift or more else end)
    if shift:
        _fit(pen, 2, shape)
        result = pen.write("Add", [result, shift], () if more else end)
    finish(pen, result)


def _fit(pen: Pen, index: int, shape: tuple[int, ...]) -> None:
    name = pen.optional(index)
    if name in pen.facts.constants:
        pen.facts.reshape(name, shape)
