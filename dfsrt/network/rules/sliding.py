"""Windows of convolutions and pools, from a node's attributes and the sizes of its images."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from dfsrt.network.axis import Axis
from dfsrt.network.rules.work import Call
from dfsrt.network.window import Window


def sliding_window(call: Call, data: int, kernel: Sequence[int], groups: int) -> Window | None:
    """Return what slides over operand ``data``; None where that has no axes of space.

    Raises:
        ValueError: an attribute has not one number for each axis.
    """
    axes = [
        Axis(size_in, size_out, taps, stride, 0, dilation)
        for size_in, size_out, taps, stride, dilation in _axes(call, data, kernel)
    ]
    totals = [(a.size_out - 1) * a.stride + a.reach - a.size_in for a in axes]
    return _padded(axes, _pads(call, totals), groups)


def transposed_window(call: Call, kernel: Sequence[int], groups: int) -> Window | None:
    """Return what each position of operand 0 adds to; None where that has no axes of space.

    Raises:
        ValueError: an attribute has not one number for each axis.

    Source: ONNX's ConvTranspose, where ``output_shape`` says what is cut away if it is there.
    """
    axes = [
        Axis(size_in, size_out, taps, stride, 0, dilation, transposed=True)
        for size_in, size_out, taps, stride, dilation in _axes(call, 0, kernel)
    ]
    more = call.node.attribute("output_padding", ()) or (0,) * len(axes)
    totals = [
        (a.size_in - 1) * a.stride + a.reach + beyond - a.size_out
        for a, beyond in zip(axes, more, strict=True)
    ]
    by_size = bool(call.node.attribute("output_shape", ()))
    return _padded(axes, _pads(call, totals, by_size=by_size), groups)


def whole_window(call: Call) -> Window:
    """Return the window of a global pool: as large as the image, in one place."""
    _, channels, *sizes = call.input(0).shape
    return Window(tuple(Axis(size, 1, size) for size in sizes), channels)


def _axes(call: Call, data: int, kernel: Sequence[int]) -> Iterable[tuple[int, ...]]:
    """Sizes in and out, taps, stride and dilation of each axis."""
    sizes, results = call.input(data).shape[2:], call.output.shape[2:]
    steps = (call.node.per_axis(name, len(sizes)) for name in ("strides", "dilations"))
    return zip(sizes, results, kernel, *steps, strict=True)


def _pads(call: Call, totals: Sequence[int], *, by_size: bool = False) -> tuple[int, ...]:
    """Padding before each axis: as the node says, or its part of ``totals``.

    What is odd goes to the end where ``auto_pad`` is ``SAME_UPPER``, else to the beginning.

    Limits: where strides leave more gaps than the image has room, the first window starts at the
    first position; onnxruntime starts some of them at the second.
    """
    how = call.node.attribute("auto_pad", "NOTSET")
    if by_size or how.startswith("SAME"):
        return tuple((max(total, 0) + (how != "SAME_UPPER")) // 2 for total in totals)
    none = (0,) * 2 * len(totals)
    pads = none if how == "VALID" else call.node.attribute("pads", ()) or none
    if len(pads) != len(none):
        raise ValueError(f"pads {list(pads)} of an image with {len(totals)} axes")
    return pads[: len(totals)]


def _padded(axes: Sequence[Axis], pads: Sequence[int], groups: int) -> Window | None:
    padded = (replace(axis, pad=pad) for axis, pad in zip(axes, pads, strict=True))
    return Window(tuple(padded), groups) if axes else None
