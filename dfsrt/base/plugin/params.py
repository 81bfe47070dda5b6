"""Parameters of a plug-in: how text sets one, and fields for those with a unit or a range."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from dfsrt.base.errors import InputError
from dfsrt.base.names import one_of
from dfsrt.base.units import (
    parse_freq_hz,
    parse_memory_bytes,
    parse_period_ns,
    parse_quantity,
    parse_voltage_uv,
)

Kind = Literal["freq", "voltage", "time", "number", "whole", "choice", "text"]
Value = TypeVar("Value")

PARAMETER = "parameter"
"""Key in a field's metadata under which its ``Parameter`` stands."""
AUTO = "auto"
"""The text of None, where a parameter may be None."""


@dataclass(frozen=True, slots=True)
class Values:
    """What a parameter may be: numbers from ``low`` to ``high``, or one of ``choices``.

    Clocks, voltages and times have no bounds of their own: the device or the user has them; nor
    have numbers of which nothing but their type is declared. ``optional`` says that the text
    ``auto`` is a value too.
    """

    kind: Kind
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    optional: bool = False

    @property
    def searchable(self) -> bool:
        """Whether a search knows all there is to try without being given a range."""
        bounded = self.low is not None and self.high is not None
        return bounded or self.kind in ("freq", "voltage", "choice")


@dataclass(frozen=True, slots=True)
class Parameter:
    """How text sets a parameter: ``parse`` reads what ``show`` wrote as the same value.

    ``parse`` raises InputError for text that does not fit.
    """

    help: str
    parse: Callable[[str], Any]
    show: Callable[[Any], str]
    values: Values


def _param(
    default: Value,
    text: str,
    parse: Callable[[str], Value],
    values: Values,
    show: Callable[[Any], str] = str,
) -> Value:
    """A dataclass field with its ``Parameter``."""
    metadata = {"help": text, PARAMETER: Parameter(text, parse, show, values)}
    return field(default=default, metadata=metadata)


def show_time(ns: int | None) -> str:
    """Return the text of a parameter that is a time, or None."""
    return AUTO if ns is None else f"{ns / 1e6:.12g}ms"


def _show_freq(hz: int | None) -> str:
    return AUTO if hz is None else f"{hz / 1e6:.12g}MHz"


def _show_voltage(uv: int | None) -> str:
    return AUTO if uv is None else f"{uv / 1e3:.12g}mV"


def freq_param(text: str, default: int | None = None) -> int | None:
    """A clock in Hz, written like ``600MHz``."""

    def parse(given: str) -> int | None:
        return parse_freq_hz(given, "freq")

    return _param(default, text, parse, Values("freq"), _show_freq)


def voltage_param(text: str, default: int | None = None) -> int | None:
    """A voltage in µV, written like ``850mV``; ``auto`` stands for None."""

    def parse(given: str) -> int | None:
        return None if given == AUTO else parse_voltage_uv(given, "rail")

    return _param(default, text, parse, Values("voltage", optional=True), _show_voltage)


def time_param(text: str, default: int) -> int:
    """A time in ns, written like ``50ms``; above zero."""
    return _param(default, text, parse_period_ns, Values("time"), show_time)


def bytes_param(text: str, default: int) -> int:
    """A size of memory in bytes, written like ``500MB``; above zero."""

    def parse(given: str) -> int:
        return parse_memory_bytes(given)

    return _param(default, text, parse, Values("number"), lambda value: f"{value / 1e6:.12g}MB")


def optional_time_param(text: str) -> int | None:
    """A time in ns above zero; ``auto`` stands for None, the default."""

    def parse(given: str) -> int | None:
        return None if given == AUTO else parse_period_ns(given)

    return _param(None, text, parse, Values("time", optional=True), show_time)


def number_param(text: str, default: float, low: float, high: float) -> float:
    """A number from ``low`` to ``high``; text that is none is an InputError when it is read."""

    def parse(given: str) -> float:
        value = parse_quantity(given, "", "value")
        if not low <= value <= high:
            raise InputError(f"value '{given}' is out of range; allowed is {low:g} to {high:g}")
        return value

    return _param(default, text, parse, Values("number", low, high))


def choice_param(text: str, default: str, *choices: str) -> str:
    """One of ``choices``; any other text is an InputError when it is read."""

    def parse(given: str) -> str:
        if given not in choices:
            raise InputError(f"value '{given}' is unknown; {one_of(given, choices)}")
        return given

    return _param(default, text, parse, Values("choice", choices=choices))
