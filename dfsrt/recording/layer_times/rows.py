"""What readers of profiles share: rows, bad ones counted, and numbers with their units."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from pathlib import Path

from dfsrt.base.errors import InputError
from dfsrt.recording.layer_times.layer_time import LayerTime
from dfsrt.recording.source import printable

ROWS_A_BAD_ONE = 1000
"""One bad row among so many is left out and said; more of them, and the file is refused."""
MAX_TIME_S = 1e6
MAX_COUNT = 10**18
_A_SECOND = {"s": 1.0, "ms": 1e3, "us": 1e6, "µs": 1e6, "μs": 1e6, "ns": 1e9}
"""Units in a second; a division by them is exact to the last bit."""
_A_BYTE = {"b": 1.0, "kb": 2.0**-10, "mb": 2.0**-20}
_UNIT = re.compile(r"\(([^()]*)\)\s*$")


class BadRowError(ValueError):
    """A row that cannot be used; its text says why."""


@dataclass(slots=True)
class Profile:
    """Rows as a reader meets them, and those that it had to leave out."""

    path: Path
    rows: list[LayerTime] = field(default_factory=list)
    about: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    bad: list[str] = field(default_factory=list)

    def leave_out(self, where: str, reason: BadRowError) -> None:
        """Count a row at ``where``, like ``line 7``, that is of no use."""
        self.bad.append(f"{where}: {reason}")

    def finish(self, tool: str) -> Profile:
        """Return itself, where there are rows and hardly any of them is bad.

        Raises:
            InputError: no row at all, or more bad ones than one among ``ROWS_A_BAD_ONE``.
        """
        if len(self.bad) * ROWS_A_BAD_ONE > len(self.rows):
            raise InputError(f"'{self.path}', {self.bad[0]}; profile it again with {tool}")
        if not self.rows:
            raise InputError(f"'{self.path}' names no layer; profile a network with {tool}")
        if self.bad:
            self.notes.append(
                f"{len(self.bad)} of {len(self.rows) + len(self.bad)} rows are left out: "
                f"{self.bad[0]}"
            )
        return self

    def check_whole(self, share: float, of: str, tool: str, ended: bool) -> None:
        """Note that rows are missing where the layers make up another ``share`` of the whole.

        ``ended`` says whether the text ends as the tool ends it.

        Raises:
            InputError: it does not, so that it is cut short.
        """
        if self.bad or 0.99 <= share <= 1.01:
            return
        what = f"its layers make up {share:.1%} of {of}"
        if not ended:
            raise InputError(
                f"'{self.path}' is cut short: {what}, and its last line has no end; give all that "
                f"{tool} writes"
            )
        self.notes.append(f"{what}: rows are missing, or were edited")


def units_a_second(head: str, path: Path) -> float:
    """Return how many make a second of the units of a column like ``Time(us)``.

    Raises:
        InputError: no unit, or one that is not known.
    """
    unit = _unit(head)
    if unit not in _A_SECOND:
        raise InputError(
            f"'{path}' has times in '{printable(head)}'; allowed are "
            f"{', '.join(u for u in _A_SECOND if u.isascii())}: profile it again in one of them"
        )
    return _A_SECOND[unit]


def units_a_byte(head: str, path: Path) -> float:
    """Return how many make a byte of the units of a column like ``RW(KB)``.

    Raises:
        InputError: no unit, or one that is not known.
    """
    unit = _unit(head).lower()
    if unit not in _A_BYTE:
        raise InputError(
            f"'{path}' has bytes in '{printable(head)}'; allowed are B, KB and MB: profile it "
            "again in one of them"
        )
    return _A_BYTE[unit]


def _unit(head: str) -> str:
    match = _UNIT.search(head)
    return match[1].strip() if match else ""


def time_of(text: object, per: float, what: str) -> float:
    """Return seconds from a number of units, ``per`` of them a second.

    Raises:
        BadRowError: no number, not finite, negative or above ``MAX_TIME_S``.
    """
    return _number(text, per, MAX_TIME_S, what)


def bytes_of(text: object, per: float, what: str) -> float:
    """Return bytes from a number of units, ``per`` of them a byte.

    Raises:
        BadRowError: no number, not finite, negative or above ``MAX_COUNT``.
    """
    return _number(text, per, MAX_COUNT, what)


def count_of(text: object, what: str) -> int:
    """Return a number of cycles or operations, a broken one rounded up.

    Raises:
        BadRowError: no number, not finite, negative or above ``MAX_COUNT``.
    """
    return math.ceil(_number(text, 1.0, MAX_COUNT, what))


def _number(text: object, per: float, most: float, what: str) -> float:
    try:
        value = float(text if isinstance(text, int | float) else str(text)) / per
    except (ValueError, OverflowError):
        value = math.nan
    if isinstance(text, bool) or not 0 <= value <= most:
        given = f"{printable(what, 100)} is '{printable(str(text), 40)}'"
        raise BadRowError(f"{given}; allowed is 0 to {most * per:g}")
    return value


def decoded(path: Path, data: bytes, tool: str) -> str:
    """Return a profile's text, a byte order mark left out.

    Raises:
        InputError: it is not text.
    """
    try:
        text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"'{path}' is not text; give the profile that {tool} writes") from error
    if "\0" in text:
        raise InputError(f"'{path}' is not text; give the profile that {tool} writes")
    return text
