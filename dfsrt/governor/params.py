"""Parameters that a governor declares, and how their text is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from dfsrt.base.errors import InputError
from dfsrt.base.units import parse_freq_hz, parse_period_ns, parse_quantity, parse_voltage_uv

Kind = Literal["freq", "voltage", "time", "number", "choice"]


@dataclass(frozen=True, slots=True)
class Values:
    """What a parameter may be: numbers from ``low`` to ``high``, or one of ``choices``.

    Clocks, voltages and times have no bounds of their own: the device or the user has them.
    ``optional`` says that the text ``auto`` is a value too.
    """

    kind: Kind
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    optional: bool = False


def _param(
    default: Any,
    text: str,
    parse: Callable[[str], Any],
    values: Values,
    show: Callable[[Any], str] = str,
) -> Any:
    """A field whose ``show`` writes a value so that ``parse`` reads the same one back."""
    metadata = {"help": text, "parse": parse, "show": show, "values": values}
    return field(default=default, metadata=metadata)


def _show_time(ns: int | None) -> str:
    return "auto" if ns is None else f"{ns / 1e6:.12g}ms"


def freq_param(text: str, default: int | None = None) -> Any:
    """A clock in Hz, written like ``600MHz``."""
    return _param(
        default,
        text,
        lambda s: parse_freq_hz(s, "freq"),
        Values("freq"),
        lambda hz: f"{hz / 1e6:.12g}MHz",
    )


def voltage_param(text: str, default: int | None = None) -> Any:
    """A voltage in µV, written like ``850mV``; ``auto`` stands for None."""

    def parse(given: str) -> int | None:
        return None if given == "auto" else parse_voltage_uv(given, "rail")

    values = Values("voltage", optional=True)
    return _param(
        default, text, parse, values, lambda uv: "auto" if uv is None else f"{uv / 1e3:.12g}mV"
    )


def time_param(text: str, default: int) -> Any:
    """A time in ns, written like ``50ms``; above zero."""
    return _param(default, text, parse_period_ns, Values("time"), _show_time)


def optional_time_param(text: str) -> Any:
    """A time in ns above zero; ``auto`` stands for None, the default."""

    def parse(given: str) -> int | None:
        return None if given == "auto" else parse_period_ns(given)

    return _param(None, text, parse, Values("time", optional=True), _show_time)


def number_param(text: str, default: float, low: float, high: float) -> Any:
    """A number from ``low`` to ``high``."""

    def parse(given: str) -> float:
        value = parse_quantity(given, "", "value")
        if not low <= value <= high:
            raise InputError(f"value '{given}' is out of range; allowed is {low:g} to {high:g}")
        return value

    return _param(default, text, parse, Values("number", low, high))


def choice_param(text: str, default: str, *choices: str) -> Any:
    """One of ``choices``; the first word of the help is not repeated."""

    def parse(given: str) -> str:
        if given not in choices:
            raise InputError(f"value '{given}' is unknown; use one of {', '.join(choices)}")
        return given

    return _param(default, text, parse, Values("choice", choices=choices))
