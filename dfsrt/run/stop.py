"""When a run ends: with its load, with the battery, at a time, or after so many requests."""

from __future__ import annotations

import re
from dataclasses import dataclass

from dfsrt.base.errors import InputError
from dfsrt.base.units import parse_period_ns, parse_whole
from dfsrt.run.stream import NEVER_NS

MOST_NS = 30 * 86_400 * 10**9
"""The longest that a battery's life is simulated."""
_REQUESTS = re.compile(r"\s*(\d+)\s*requests?\s*")


@dataclass(frozen=True, slots=True)
class Stop:
    """The end of a run: the battery ``empty``, at ``at_ns``, or ``requests`` finished."""

    empty: bool = False
    at_ns: int = NEVER_NS
    requests: int = NEVER_NS
    text: str = ""


def parse_until(text: str | float) -> Stop:
    """Return when a run ends: at a time like ``8 h``, or after ``1000 requests``.

    Raises:
        InputError: anything else, or no time at all.
    """
    if count := _requests(str(text)):
        return Stop(requests=count, text=str(text))
    try:
        return Stop(at_ns=parse_period_ns(text, "until"), text=str(text))
    except InputError as error:
        raise InputError(
            f"until '{text}' is unknown; give a time above 0 like '8 h', or '1000 requests'"
        ) from error


def parse_stop(at: str, most: str = "48 h", what: str = "stop.at") -> Stop:
    """Return a scenario's end: ``empty``, a time like ``8 h`` or ``1000 requests``.

    ``what`` is what the writer of ``at`` calls it.

    Raises:
        InputError: anything else, or more than 30 days.
    """
    most_ns = _ranged(most, "stop.most")
    if at.strip() == "empty":
        return Stop(True, most_ns, NEVER_NS, at)
    if count := _requests(at):
        return Stop(False, most_ns, count, at)
    try:
        return Stop(False, _ranged(at, what), NEVER_NS, at)
    except InputError as error:
        if "out of range" in str(error):
            raise
        raise InputError(
            f"{what} '{at}' is unknown; give 'empty', a time like '8 h', or '1000 requests'"
        ) from error


def _requests(text: str) -> int | None:
    match = _REQUESTS.fullmatch(text)
    return parse_whole(match[1]) if match else None


def _ranged(text: str, what: str) -> int:
    time_ns = parse_period_ns(text, what)
    if time_ns > MOST_NS:
        raise InputError(f"{what} '{text}' is out of range; give 30 d or less")
    return time_ns
