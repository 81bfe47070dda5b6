"""One thing that a sweep varies: its values, or a range that values are drawn from."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from dfsrt.base.errors import InputError
from dfsrt.study.study import Range
from dfsrt.study.sweep.alike import Value, alike_key, text_of
from dfsrt.study.sweep.span import Span, span_of_field, span_of_number
from dfsrt.study.sweep.study import Axis

MOST_VALUES = 100_000
_NUMBER = re.compile(r"([-+]?(?:\d++\.?\d*+|\.\d++)(?:[eE][-+]?\d++)?)\s*+(.*)")


@dataclass(frozen=True, slots=True)
class Dimension:
    """What is varied by one name: ``values``, or numbers from ``low`` to ``high``."""

    name: str
    values: tuple[Value, ...] = ()
    low: float = 0.0
    high: float = 0.0
    log: bool = False
    show: Callable[[float], Value] = float
    whole: bool = False

    @property
    def text(self) -> tuple[str, ...]:
        """What it may be, as text; of a range its ends."""
        ends = (self.show(self.low), self.show(self.high))
        return tuple(map(text_of, self.values or ends))

    def at(self, share: float) -> Value:
        """Return the value that lies at a share from 0 to 1 of the way."""
        if self.values:
            return self.values[min(int(share * len(self.values)), len(self.values) - 1)]
        # Each whole number has as much room, the two ends as well.
        room = 0.5 if self.whole else 0.0
        low, high = self.low - room, self.high + room
        number = low * (high / low) ** share if self.log else low + share * (high - low)
        return self.show(min(max(number, self.low), self.high))


def dimension(name: str, axis: Axis, grid: bool, of_device: Mapping[str, str]) -> Dimension:
    """Return what is varied by ``name``; in a ``grid`` a range has a step.

    ``of_device`` has the text of a device with each number of it that is varied.

    Raises:
        InputError: no value, one twice, too many, or a range that is none.
    """
    if isinstance(axis, Range):
        number = partial(_number, name)
        if name in of_device:
            return _ranged(name, axis, span_of_number(name, axis, number, of_device[name]), grid)
        return _ranged(name, axis, span_of_field(name, axis, number), grid)
    if not axis:
        raise InputError(f"vary.{name} is empty, and so is the grid; give at least one value")
    seen: dict[object, Value] = {}
    for value in axis:
        key = alike_key(name, value, of_device)
        if key in seen:
            also = "" if seen[key] == value else f", which is {text_of(seen[key])}"
            raise InputError(f"vary.{name} has {text_of(value)} twice{also}; give it once")
        seen[key] = value
    return Dimension(name, tuple(axis))


def _ranged(name: str, given: Range, span: Span, grid: bool) -> Dimension:
    low, high, step = span.low, span.high, span.step
    if not low < high:
        raise InputError(f"vary.{name}: low = {given.low} is not below high = {given.high}")
    if given.log and (low <= 0 or step is not None):
        raise InputError(f"vary.{name}: log needs low above 0 and no step")
    if not math.isfinite(high / low if given.log else high - low):
        raise InputError(f"vary.{name}: {given.low} and {given.high} are too far apart for a range")
    if span.whole and not (low.is_integer() and high.is_integer()):
        raise InputError(f"vary.{name}: {given.low} to {given.high} are no whole numbers")
    if step is not None:
        if step <= 0 or (span.whole and not step.is_integer()):
            what = "whole number" if span.whole else "step"
            raise InputError(f"vary.{name}: step = {given.step} is no {what} above 0")
        return Dimension(name, _steps(name, low, high, step, span.show))
    if grid:
        raise InputError(f"vary.{name}: a grid's range needs a step; give one, or a list")
    return Dimension(name, (), low, high, given.log, span.show, span.whole)


def _steps(
    name: str, low: float, high: float, step: float, show: Callable[[float], Value]
) -> tuple[Value, ...]:
    most = (high - low) / step
    if most >= MOST_VALUES:
        raise InputError(f"vary.{name} has {most + 1:,.15g} values; make its step larger")
    return tuple(show(low + k * step) for k in range(math.floor(most * (1 + 1e-12)) + 1))


def _number(name: str, given: object) -> tuple[float, str]:
    match = _NUMBER.fullmatch(str(given).strip())
    if match is None or not math.isfinite(float(match[1])):
        raise InputError(f"vary.{name}: '{given}' is no number; give one like 0.5 or '0.5 W'")
    return float(match[1]), match[2]
