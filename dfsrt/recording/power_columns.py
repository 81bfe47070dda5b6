"""Columns of power logs: what a header like ``power_mw`` or ``curr1_input`` says."""

from __future__ import annotations

import re
from dataclasses import dataclass

from dfsrt.recording.source import printable

UNITS = {
    "w": ("W", 1.0),
    "mw": ("W", 1e3),
    "uw": ("W", 1e6),
    "v": ("V", 1.0),
    "mv": ("V", 1e3),
    "uv": ("V", 1e6),
    "a": ("A", 1.0),
    "ma": ("A", 1e3),
    "ua": ("A", 1e6),
    "j": ("J", 1.0),
    "mj": ("J", 1e3),
    "uj": ("J", 1e6),
    "wh": ("J", 1 / 3600),
    "mwh": ("J", 1 / 3.6),
    "c": ("degC", 1.0),
    "degc": ("degC", 1.0),
}
"""Units by their small letters: the SI symbol, and how many of them are one of it."""
TIMES = {"s": 10**9, "sec": 10**9, "seconds": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}
"""Nanoseconds in a unit of time."""
_HWMON = {
    "power": ("W", 1e6),
    "in": ("V", 1e3),
    "curr": ("A", 1e3),
    "energy": ("J", 1e6),
    "temp": ("degC", 1e3),
}
"""What the kernel's hwmon files hold: µW, mV, mA, µJ and m°C.

Source: the kernel's Documentation/hwmon/sysfs-interface.
"""
_LONGEST_NAME = 300
_HWMON_NAME = re.compile(r"(?:(.+)[/_.:])?((power|in|curr|energy|temp)(\d+)_(?:input|average))")
_IN_BRACKETS = re.compile(r"(.+?)\s*[(\[]\s*([^()\[\]]*?)\s*[)\]]")
_LONGEST = 200
"""Characters of a head that a unit in brackets is looked for in."""
_AT_END = re.compile(r"(.+)_([a-z]+)")
_TIME = re.compile(r"(?:.*[_ ])?(?:time|timestamp|datetime|date|elapsed|ts|t|epoch)(?:[_ ].*)?")
_MEANT = {"power": "W", "volt": "V", "curr": "A", "energy": "J"}
"""What a name that holds such a word is in, whatever the unit."""
_MEASURED = re.compile(r"power|volt|curr|amp|energy|temp|bus|load|shunt|supply|rail|vdd|vin|ch")
_WORDS = re.compile(r"bus|load|supply|shunt|voltage|volts?|currents?|curr|amps?|power|input")


@dataclass(frozen=True, slots=True)
class PowerColumn:
    """A column: its rail's name, SI symbol and how many of its units are one of that.

    ``unit`` is ``s`` for the times, whose ``per`` is nanoseconds in a unit, 0 where the header
    leaves the unit open. It is empty where the column is of no use, and ``fault`` says so where
    that must be said.
    """

    name: str
    unit: str = ""
    per: float = 1.0
    fault: str = ""

    @property
    def stem(self) -> str:
        """What names the rail: voltage and current of one have it in common."""
        hwmon = _HWMON_NAME.fullmatch(self.name.lower())
        if hwmon:
            return f"{hwmon[1] or ''} {hwmon[4]}".strip()
        return re.sub(r"[\W_]+", " ", _WORDS.sub("", self.name.lower())).strip()

    @property
    def rail(self) -> str:
        """What its power is called, where that is the product of a voltage and a current."""
        hwmon = _HWMON_NAME.fullmatch(self.name.lower())
        if hwmon:
            return f"{hwmon[1] or ''} power{hwmon[4]}".strip()
        return f"{self.stem} power".strip()

    @property
    def is_shunt(self) -> bool:
        """Whether it is the voltage across the shunt, which is no rail's."""
        return "shunt" in self.name.lower()


def power_column(head: str) -> PowerColumn:
    """Return what the column called ``head`` holds; nothing of use where no name is so long."""
    head = head.strip().lstrip("#").strip()
    if len(head) > _LONGEST_NAME:
        return PowerColumn(head[:_LONGEST_NAME])
    small = head.lower().replace("µ", "u").replace("μ", "u").replace("°", "deg")
    hwmon = _HWMON_NAME.fullmatch(small)
    if hwmon:
        return PowerColumn(head, *_HWMON[hwmon[3]])
    bracketed = _IN_BRACKETS.fullmatch(small) if len(small) <= _LONGEST else None
    name, unit = (bracketed[1], bracketed[2]) if bracketed else (small, "")
    ended = None if bracketed else _AT_END.fullmatch(small)
    if ended and (ended[2] in TIMES or _is_unit(ended[2], ended[1])):
        name, unit = ended[1], ended[2]
    if _TIME.fullmatch(name):
        return _time(head, unit)
    shown = head[: len(name)]
    meant = next((symbol for word, symbol in _MEANT.items() if word in name), "")
    if unit in UNITS and meant in ("", UNITS[unit][0]):
        return PowerColumn(shown, *UNITS[unit])
    if meant:
        said = f"is in '{printable(unit)}'" if unit else "names no unit"
        return PowerColumn(
            shown,
            fault=f"column '{printable(head)}' {said}; name it like "
            f"'{printable(shown)} ({meant})' or '({'m' + meant})'",
        )
    return PowerColumn(head)


def _is_unit(letters: str, name: str) -> bool:
    """Whether ``letters`` after an underscore are a unit: one alone may be a phase or a channel."""
    return letters in UNITS and (len(letters) > 1 or _MEASURED.search(name) is not None)


def _time(head: str, unit: str) -> PowerColumn:
    if unit and unit not in TIMES and unit not in ("utc", "local", "iso"):
        return PowerColumn(
            head,
            "s",
            fault=f"times in '{printable(head)}'; allowed are {', '.join(TIMES)}",
        )
    return PowerColumn(head, "s", TIMES.get(unit, 0))
