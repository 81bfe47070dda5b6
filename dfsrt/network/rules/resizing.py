"""Windows of resizes: which positions an interpolation reads for each result."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from dfsrt.network.axis import Axis
from dfsrt.network.rules.work import Call
from dfsrt.network.window import Window

_HALF = Fraction(1, 2)
_FINEST = 1000
"""Largest denominator of a factor, which files hold as a rounded number of 32 bits."""
_REACH = {"linear": 1, "cubic": 2}
"""Positions to each side within which an interpolation weighs a point above nothing."""
_NEAREST = {
    "floor": (Fraction(-1), Fraction(0), False),
    "ceil": (Fraction(0), Fraction(1), True),
    "round_prefer_floor": (-_HALF, _HALF, True),
    "round_prefer_ceil": (-_HALF, _HALF, False),
}
"""Offsets around a point of which one is nearest: from, to, and whether the first end counts."""


@dataclass(frozen=True, slots=True)
class _Reads:
    """Offsets that an interpolation reads: whole numbers between two ends, which count or not."""

    low: Fraction
    high: Fraction
    has_low: bool = False
    has_high: bool = False

    @property
    def first(self) -> int:
        return math.ceil(self.low) if self.has_low else math.floor(self.low) + 1

    @property
    def count(self) -> int:
        last = math.floor(self.high) if self.has_high else math.ceil(self.high) - 1
        return last - self.first + 1

    def turned(self, factor: int) -> _Reads:
        """Offsets of the results, ``factor`` to a position, that a position is read for."""
        return _Reads(-self.high * factor, -self.low * factor, self.has_high, self.has_low)


def resize_window(call: Call) -> Window | None:
    """Return the window of a Resize or Upsample over the axes of space.

    None where batch or channels change, where a factor is neither a whole number nor one over a
    whole number, and where a part of the image is cut out.

    Limits: results beyond the outermost positions, which repeat those, count as reading nothing.
    """
    shape, resized = call.input(0).shape, call.output.shape
    if len(shape) < 3 or shape[:2] != resized[:2] or 0 in (*shape, *resized):
        return None
    steps = _steps(call, shape, resized)
    axes = [_axis(call, *of) for of in zip(shape[2:], resized[2:], steps[2:], strict=True)]
    known = tuple(axis for axis in axes if axis is not None)
    return Window(known, shape[1]) if len(known) == len(axes) else None


def _steps(call: Call, shape: Sequence[int], resized: Sequence[int]) -> list[Fraction]:
    """Positions from one result to the next of every axis: as scales say, or else as sizes do."""
    value = call.value(2 if _is_newest(call) else 1)
    given = () if value is None else [float(scale) for scale in value.reshape(-1).tolist()]
    scales: Sequence[float] = call.node.attribute("scales", ()) or given
    steps = [Fraction(size, result) for size, result in zip(shape, resized, strict=True)]
    axes = call.node.attribute("axes", ()) or range(len(shape))
    for axis, scale in zip(axes if len(scales) else (), scales, strict=True):
        steps[axis] = Fraction(1 / scale).limit_denominator(_FINEST)
    return steps


def _is_newest(call: Call) -> bool:
    """Whether a Resize is of operator set 11 or later; those before say less of themselves."""
    return call.node.op == "Resize" and len(call.inputs) > 2


def _axis(call: Call, size: int, results: int, step: Fraction) -> Axis | None:
    if size == results:
        return Axis(size, results)
    if size == 1:
        return Axis(size, results, results, results, transposed=True)
    how = "half_pixel" if _is_newest(call) else "asymmetric"
    how = call.node.attribute("coordinate_transformation_mode", how)
    if how == "align_corners":
        step = Fraction(size - 1, max(results - 1, 1))
    if how == "tf_crop_and_resize" or 1 not in (step.numerator, step.denominator):
        return None
    reads = _reads(call, step, _first_point(how, step, results))
    if step >= 1:
        return Axis(size, results, reads.count, int(step), -reads.first)
    factor = step.denominator
    turned = reads.turned(factor)
    return Axis(size, results, turned.count, factor, -turned.first, transposed=True)


def _first_point(how: str, step: Fraction, results: int) -> Fraction:
    """Where the first result lies among the positions of the image."""
    if how in ("asymmetric", "align_corners") or (how == "pytorch_half_pixel" and results == 1):
        return Fraction(0)
    return step / 2 if how == "tf_half_pixel_for_nn" else (step - 1) / 2


def _reads(call: Call, step: Fraction, point: Fraction) -> _Reads:
    mode = call.node.attribute("mode", "nearest")
    if mode == "nearest":
        rounding = "round_prefer_floor" if _is_newest(call) else "floor"
        rounding = call.node.attribute("nearest_mode", rounding)
        low, high, has_low = _NEAREST.get(rounding, _NEAREST["floor"])
        return _Reads(point + low, point + high, has_low, not has_low)
    reach = Fraction(_REACH["cubic" if mode == "cubic" else "linear"])
    if call.node.attribute("antialias", 0):
        reach *= max(step, Fraction(1))
    return _Reads(point - reach, point + reach)
