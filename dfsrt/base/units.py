"""Quantities with units, at the edge only: inside dfsrt, units are in the names."""

from __future__ import annotations

import math
import re
from decimal import Decimal

from dfsrt.base.errors import InputError

_PREFIX = {"p": 1e-12, "n": 1e-9, "u": 1e-6, "µ": 1e-6, "m": 1e-3, "": 1.0}
_PREFIX |= {"k": 1e3, "K": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}
_BINARY = {"Ki": 2.0**10, "Mi": 2.0**20, "Gi": 2.0**30, "Ti": 2.0**40}
"""Prefixes of bytes alone."""
_QUANTITY = re.compile(
    r"\s*+([+-]?(?:\d++\.?\d*+|\.\d++)(?:[eE][+-]?\d++)?)\s*+([A-Za-zµ%°/]*+)\s*+"
)
MOST_CHARACTERS = 100
"""Longer texts are no quantities."""
_MOST_DIGITS = 18
_LONG_TIMES_S = {"min": 60.0, "h": 3600.0, "d": 86400.0}
_EXAMPLE = {"C": "25 C", "W": "1.8 W", "Hz": "800 MHz", "s": "20 ms", "V": "850 mV", "B": "500 MB"}


def parse_quantity(text: str | float, unit: str, what: str) -> float:
    """Return ``text`` in the base ``unit``; a bare number counts as that unit already.

    Raises:
        InputError: no number, another unit, or not finite.
    """
    match = _match(text)
    scale = _scale_of(match.group(2), unit) if match else None
    if match is None or scale is None or not math.isfinite(float(match.group(1)) * scale):
        raise _no_quantity(text, unit, what)
    return float(match.group(1)) * scale


def _match(text: str | float) -> re.Match[str] | None:
    """Return the number and the unit in a text; None where it is too long, or has neither."""
    try:
        written = str(text)
    except ValueError:  # a whole number of more digits than Python writes
        return None
    return _QUANTITY.fullmatch(written) if len(written) <= MOST_CHARACTERS else None


def _cut(text: str | float) -> str:
    try:
        written = str(text)
    except ValueError:
        return "a number of thousands of digits"
    return written if len(written) <= MOST_CHARACTERS else f"{written[: MOST_CHARACTERS - 3]}..."


def _no_quantity(text: str | float, unit: str, what: str) -> InputError:
    given = _cut(text)
    if not unit:
        return InputError(
            f"{what} '{given}' is no number; write it like '1', not a quantity with a unit"
        )
    example = _EXAMPLE.get(unit, f"1 {unit}")
    return InputError(f"{what} '{given}' is not a quantity in {unit}; write it like '{example}'")


def _scale_of(suffix: str, unit: str) -> float | None:
    if suffix.lower() in ("", unit.lower()):
        return 1.0
    if unit and suffix.lower().endswith(unit.lower()):
        prefix = suffix[: -len(unit)]
        return _PREFIX.get(prefix) or (_BINARY.get(prefix) if unit == "B" else None)
    return None


def parse_power_w(text: str | float, what: str = "power") -> float:
    """Return watts from ``"1.8 W"``, ``"900 mW"`` or a bare number of watts.

    Raises:
        InputError: no number, another unit, or not above 0.
    """
    return _positive(parse_quantity(text, "W", what), text, what)


def parse_freq_hz(text: str | float, what: str = "frequency") -> int:
    """Return whole hertz from ``"800 MHz"`` or a bare number of hertz.

    Raises:
        InputError: no number, another unit, or not above 0.
    """
    return _whole(_positive(parse_quantity(text, "Hz", what), text, what), text, what)


def parse_voltage_uv(text: str | float, what: str = "voltage") -> int:
    """Return whole microvolts from ``"850 mV"`` or a bare number of volts.

    Raises:
        InputError: no number, another unit, or not above 0.
    """
    microvolts = _positive(parse_quantity(text, "V", what), text, what) * 1e6
    return _whole(microvolts, text, what)


def parse_time_ns(text: str | float, what: str = "time") -> int:
    """Return whole nanoseconds from ``"20 ms"``, ``"24 h"`` or a bare number of seconds.

    Raises:
        InputError: no number, another unit, below 0 or above 285 years.
    """
    match = _match(text)
    suffix = match.group(2) if match else ""
    scale = _LONG_TIMES_S.get(suffix) or _scale_of(suffix, "s")
    if match is None or scale is None:
        raise _no_quantity(text, "s", what)
    try:
        # Decimal: a float of seconds would lose nanoseconds from a month on.
        seconds = Decimal(match.group(1)) * Decimal(repr(scale))
    except ArithmeticError as error:  # an exponent beyond all bounds
        raise _no_quantity(text, "s", what) from error
    if not 0 <= seconds <= 9_000_000_000:
        raise InputError(f"{what} '{text}' is out of range; allowed is 0 s to 9e9 s")
    return round(seconds * 10**9)


def parse_period_ns(text: str | float, what: str = "period") -> int:
    """Return whole nanoseconds as ``parse_time_ns`` does, but above zero.

    Raises:
        InputError: no number, another unit, 0 or less, or above 285 years.
    """
    period = parse_time_ns(text, what)
    if period == 0:
        raise InputError(f"{what} '{text}' is zero; give a time above 0, like '33 ms'")
    return period


def parse_memory_bytes(text: str | float, what: str = "memory") -> int:
    """Return whole bytes from ``"500 MB"``, ``"108 KiB"`` or a bare number of bytes.

    Raises:
        InputError: no number, another unit, or not above 0.
    """
    size = _positive(parse_quantity(text, "B", what), text, what)
    return max(_whole(size, text, what), 1)


def parse_temperature_c(text: str | float, what: str = "temperature") -> float:
    """Return degrees Celsius from ``"25 C"``, ``"25 °C"`` or a bare number; -60 to 200 is allowed.

    Raises:
        InputError: no number, another unit, or nothing that a device is ever at.
    """
    celsius = parse_quantity(str(text).replace("°", ""), "C", what)
    if not -60 <= celsius <= 200:
        raise InputError(f"{what} '{text}' is out of range; give -60 C to 200 C")
    return celsius


def parse_share(text: str | float, what: str) -> float:
    """Return a share such as ``"5%"`` or ``0.05``, whatever its size.

    Raises:
        InputError: no number.
    """
    share = parse_quantity(text, "%", what)
    return share / 100 if str(text).strip().endswith("%") else share


def parse_whole(text: str) -> int | None:
    """Return a whole number of 0 or more in plain digits; None of anything else, or beyond 10^18.

    More digits would be no count of anything, and Python refuses those of thousands.
    """
    is_whole = text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS
    return int(text) if is_whole else None


def _positive(value: float, text: str | float, what: str) -> float:
    if value <= 0:
        raise InputError(f"{what} '{text}' is not positive; give a value above 0")
    return value


def _whole(value: float, text: str | float, what: str) -> int:
    """Return ``value``, rounded; a number that no table holds is refused."""
    if value >= 2.0**63:
        raise InputError(f"{what} '{text}' is out of range; nothing has so much, give less")
    return round(value)


_SCALES = (
    (1e12, "T"),
    (1e9, "G"),
    (1e6, "M"),
    (1e3, "k"),
    (1.0, ""),
    (1e-3, "m"),
    (1e-6, "µ"),
    (1e-9, "n"),
    (1e-12, "p"),
)


def format_short(value: float, digits: int = 4) -> str:
    """Return ``value`` with ``digits`` significant digits, or all before the point."""
    whole = math.isfinite(value) and abs(value) >= 10.0**digits * (1 - 0.5 * 10.0**-digits)
    return f"{value:.0f}" if whole else f"{value:.{digits}g}"


def format_si(value: float, unit: str, digits: int = 3) -> str:
    """Return ``value`` with ``digits`` significant digits and an SI prefix, as people read it."""
    if value == 0 or not math.isfinite(value):
        return f"{value:g} {unit}"
    scale, prefix = next((pair for pair in _SCALES if abs(value) >= pair[0] * 0.9995), _SCALES[-1])
    shown = value / scale
    decimals = max(0, digits - 1 - math.floor(math.log10(max(abs(shown), 1.0))))
    return f"{shown:.{decimals}f} {prefix}{unit}"
