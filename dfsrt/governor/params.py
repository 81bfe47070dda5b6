"""Parameters that a governor declares, and how their text is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field
from typing import Any

from dfsrt.errors import InputError
from dfsrt.units import parse_freq_hz, parse_period_ns, parse_quantity, parse_voltage_uv


def _param(
    default: Any, text: str, parse: Callable[[str], Any], show: Callable[[Any], str] = str
) -> Any:
    """A field whose ``show`` writes a value so that ``parse`` reads the same one back."""
    return field(default=default, metadata={"help": text, "parse": parse, "show": show})


def freq_param(text: str, default: int | None = None) -> Any:
    """A clock in Hz, written like ``600MHz``."""
    return _param(
        default, text, lambda s: parse_freq_hz(s, "freq"), lambda hz: f"{hz / 1e6:.12g}MHz"
    )


def voltage_param(text: str, default: int | None = None) -> Any:
    """A voltage in µV, written like ``850mV``; ``auto`` stands for None."""

    def parse(given: str) -> int | None:
        return None if given == "auto" else parse_voltage_uv(given, "rail")

    return _param(default, text, parse, lambda uv: "auto" if uv is None else f"{uv / 1e3:.12g}mV")


def time_param(text: str, default: int) -> Any:
    """A time in ns, written like ``50ms``; above zero."""
    return _param(default, text, parse_period_ns, lambda ns: f"{ns / 1e6:.12g}ms")


def optional_time_param(text: str) -> Any:
    """A time in ns above zero; ``auto`` stands for None, the default."""

    def parse(given: str) -> int | None:
        return None if given == "auto" else parse_period_ns(given)

    return _param(None, text, parse, lambda ns: "auto" if ns is None else f"{ns / 1e6:.12g}ms")


def number_param(text: str, default: float, low: float, high: float) -> Any:
    """A number from ``low`` to ``high``."""

    def parse(given: str) -> float:
        value = parse_quantity(given, "", "value")
        if not low <= value <= high:
            raise InputError(f"value '{given}' is out of range; allowed is {low:g} to {high:g}")
        return value

    return _param(default, text, parse)


def choice_param(text: str, default: str, *choices: str) -> Any:
    """One of ``choices``; the first word of the help is not repeated."""

    def parse(given: str) -> str:
        if given not in choices:
            raise InputError(f"value '{given}' is unknown; use one of {', '.join(choices)}")
        return given

    return _param(default, text, parse)
