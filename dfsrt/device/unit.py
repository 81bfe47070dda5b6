"""Units of a device file's numbers, told by the ends of their names, and how people read them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from dfsrt.base.errors import InputError
from dfsrt.base.units import parse_quantity


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as a device file has it; ``scale`` of it make one ``shown``, with a prefix or not."""

    symbol: str
    shown: str = ""
    scale: float = 1.0
    prefixed: bool = False


PLAIN = Unit("")
"""A number without a unit."""

UNITS = {
    "_bytes_per_s": Unit("B/s", "B/s", 1.0, True),
    "_uv_per_us": Unit("uV/us", "mV/µs", 1e-3),
    "_pj_per_mac": Unit("pJ/MAC"),
    "_pj_per_byte": Unit("pJ/B"),
    "_pj_per_bit": Unit("pJ/bit"),
    "_pj_per_op": Unit("pJ/op"),
    "_w_per_c": Unit("W/°C"),
    "_per_step": Unit("cycles/step"),
    "bytes_per_cycle": Unit("B/cycle"),
    "_per_cycle": Unit("/cycle"),
    "_cycles": Unit("cycles"),
    "_bytes": Unit("B", "B", 1.0, True),
    "_hz": Unit("Hz", "Hz", 1.0, True),
    "_uv": Unit("uV", "V", 1e-6, True),
    "_ns": Unit("ns", "s", 1e-9, True),
    "_pj": Unit("pJ"),
    "_nf": Unit("nF"),
    "_w": Unit("W", "W", 1.0, True),
    "_c": Unit("°C"),
    "_us": Unit("us", "s", 1e-6, True),
    "_j": Unit("J", "J", 1.0, True),
    "_ma": Unit("mA"),
    "_bits": Unit("bit"),
    "bins": Unit("uV", "V", 1e-6, True),  # an operating point's, by silicon bin
}
"""The unit of a name that ends so; the first that fits counts."""

_DRAM_TIMES = (
    *("cl", "cwl", "trcd", "trp", "tras", "trc", "trrd_s", "trrd_l", "tfaw", "tccd_s", "tccd_l"),
    *("trtp", "twr", "twtr_s", "twtr_l", "trfc", "trefi"),
)

WITHOUT_UNIT = {
    "rows": "a count",
    "cols": "a count",
    "count": "a count",
    "lanes": "a count",
    "channels": "a count",
    "ranks": "a count",
    "devices": "a count",
    "channel_pad": "a count",
    "_groups": "a count",
    "_outputs": "a count",
    "skip_inputs": "a count",
    "_weights": "words",
    "_inputs": "words",
    "_sums": "words",
    "banks": "a count",
    "_group": "names a group",
    "exponent": "a power of the voltage",
    "leakage_per_c": "coefficients of a cubic in °C; only its shape is used",
    "activity_mean": "a share of the counted switching",
    "activity_sigma": "the width of a log-normal",
    "_leakage": "a factor on the leakage",
    "_share": "a share",
    "_gating": "a share",
    "efficiency": "a share",
    "_scale": "a factor",
    "_slowdown": "a factor",
    "format": "a version",
    **dict.fromkeys(_DRAM_TIMES, "clocks or nanoseconds, as the table's unit says"),
}
"""Ends of the names of numbers that have no unit, with the reason."""

_BINARY = ((2**30, "GiB"), (2**20, "MiB"), (2**10, "KiB"))
_DECIMAL = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, ""))
_PREFIXES = (*_DECIMAL, (1e-3, "m"), (1e-6, "µ"), (1e-9, "n"), (1e-12, "p"))
_SMALL_UNITS = ("ns", "us", "µs", "ms", "s", "uV", "mV", "mW", "kHz", "kB", "pJ", "nF")
_RANGE = re.compile(
    r"\brange (-?\d[\d_,.]*(?:e-?\d+)?) ?([A-Za-zµ/]*) to (-?\d[\d_,.]*(?:e-?\d+)?) ?([A-Za-zµ/]*)"
)


def unit_of(name: str) -> Unit | None:
    """Return the unit of the number ``name``, a field; None where its end tells of none."""
    if name.endswith(tuple(WITHOUT_UNIT)):
        return PLAIN
    return next((unit for end, unit in UNITS.items() if name.endswith(end)), None)


def quantity_text(value: float, unit: Unit) -> str:
    """Return a device file's number with its unit, as people read it: 68 µs, 384 KiB, 0.1 pJ."""
    if unit.symbol == "B":
        return _bytes_text(value)
    if not unit.prefixed:
        return f"{_number(value * unit.scale)} {unit.shown or unit.symbol}".rstrip()
    base = value * unit.scale
    scale, prefix = _prefix(base)
    return f"{_number(base / scale)} {prefix}{unit.shown}"


def span_text(low: float, high: float, unit: Unit) -> str:
    """Return a range as people read it; a unit that both ends have is said once."""
    first, last = quantity_text(low, unit), quantity_text(high, unit)
    number, _, symbol = first.partition(" ")
    if not symbol or symbol == last.partition(" ")[2] or low == 0:
        first = number
    return f"{first} to {last}"


def range_in(text: str, unit: Unit) -> tuple[float, float] | None:
    """Return the ``range A to B`` that a source's text tells, in ``unit``; None where none is.

    Limits: nor where an end is in another unit; a unit that stands behind B alone is A's, too.
    """
    match = _RANGE.search(text)
    if match is None:
        return None
    low, own, high, last = match.groups()
    last = last if _is_unit(last, unit) else ""
    ends = (_end(low, own or last, unit), _end(high, last, unit))
    if ends[0] is None or ends[1] is None or not ends[0] < ends[1]:
        return None
    return ends[0], ends[1]


def _is_unit(word: str, unit: Unit) -> bool:
    """Whether what follows a number is a unit, of whatever kind, not the sentence's next word."""
    return word == unit.symbol or word[:1].isupper() or word in _SMALL_UNITS


def _end(digits: str, word: str, unit: Unit) -> float | None:
    number = digits.rstrip(".,").replace(",", "").replace("_", "")
    binary = {symbol: float(size) for size, symbol in _BINARY}
    if not word or word == unit.symbol:
        return float(number)
    if unit.symbol == "B" and word in binary:
        return float(number) * binary[word]
    if not unit.prefixed:
        return None
    try:
        return parse_quantity(f"{number} {word}", unit.shown, "range") / unit.scale
    except InputError:
        return None


def _bytes_text(value: float) -> str:
    """Whole KiB, MiB or GiB where the number is one, else with an SI prefix."""
    for size, symbol in _BINARY:
        if value >= size and (value * 16) % size == 0:
            return f"{_number(value / size)} {symbol}"
    scale, prefix = _prefix(value)
    return f"{_number(value / scale)} {prefix}B"


def _prefix(value: float) -> tuple[float, str]:
    if value == 0:
        return 1.0, ""
    fits = (p for p in _PREFIXES if abs(value) >= p[0] * (1 - 1e-9))
    return next(fits, _PREFIXES[-1])


def _number(value: float) -> str:
    """Up to six digits, with commas for thousands and no zeros that say nothing."""
    rounded = float(f"{value:.6g}")
    if rounded and not 1e-4 <= abs(rounded) < 1e15:
        return f"{rounded:g}"
    text = f"{rounded:,.10f}".rstrip("0")
    return text.rstrip(".")
