"""The ends of a range of a sweep, in one unit, and how a number between them is typed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dfsrt.base.errors import InputError
from dfsrt.device.load import read_device_file
from dfsrt.study.device_dimensions import number_key
from dfsrt.study.study import Range
from dfsrt.study.sweep.alike import Value
from dfsrt.study.sweep.known import FRACTIONS, WHOLE


@dataclass(frozen=True, slots=True)
class Span:
    """Numbers from ``low`` to ``high``, ``step`` apart if any: in the unit that ``show`` types.

    Only ``whole`` numbers where they are.
    """

    low: float
    high: float
    step: float | None
    show: Callable[[float], Value]
    whole: bool


def span_of_field(name: str, given: Range, number: Callable[[object], tuple[float, str]]) -> Span:
    """Return the span of a field of a run; ``number`` reads a number and its unit.

    Raises:
        InputError: no number, or two units.
    """
    (low, unit), (high, other) = number(given.low), number(given.high)
    if unit != other:
        raise InputError(f"vary.{name}: low is in '{unit}' and high in '{other}'; give one unit")
    step, own = (None, "") if given.step is None else number(given.step)
    if own not in ("", unit):
        raise InputError(f"vary.{name}: step = {given.step} is no step in '{unit}'; leave it out")
    ints = all(isinstance(end, int) for end in (given.low, given.high))
    whole = name in WHOLE or (name not in FRACTIONS and ints)

    def show(value: float) -> Value:
        plain = round(value) if whole else float(f"{value:.6g}")
        return f"{plain:.15g}{unit}" if unit else plain

    return Span(low, high, step, show, whole)


def span_of_number(
    name: str, given: Range, number: Callable[[object], tuple[float, str]], device: str
) -> Span:
    """Return the span of a number of ``device``: in the unit of its key, and whole where that is.

    A step without a unit is in that of the low end.

    Raises:
        InputError: no such number, one that has no range, or ends that do not fit it.
    """
    where = f"vary.{name}"
    key = number_key(where, name, read_device_file(device))
    low, high = (float(key.parse(str(end), where)) for end in (given.low, given.high))
    step = None
    if given.step is not None:
        size, unit = number(given.step)
        step = float(key.parse(f"{size:.15g}{unit or number(given.low)[1]}", where))
    whole = isinstance(key.value, int)

    def show(value: float) -> Value:
        return key.text(round(value) if whole else float(f"{value:.6g}"))

    return Span(low, high, step, show, whole)
