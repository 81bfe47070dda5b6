"""Schedules of states in a file: by time since the beginning, or by the time of day."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from dfsrt.base.errors import InputError
from dfsrt.base.units import parse_period_ns
from dfsrt.world.schema import StateAt

DAY_NS = 24 * 3600 * 10**9
_CLOCK = re.compile(r"(\d{1,2}):(\d\d)(?::(\d\d))?")


class Schedule(NamedTuple):
    """``changes`` are (time in ns, state), and come again every ``repeat_ns``, if at all."""

    changes: tuple[tuple[int, str], ...]
    repeat_ns: int | None


def read_schedule(
    change: Sequence[StateAt], repeat: str | None, starts_ns: int | None, what: str
) -> Schedule:
    """Return the schedule of a table; ``starts_ns`` is the time of day at the beginning.

    Changes by the time of day come again every day, and what holds at the beginning is what the
    last of them before it says.

    Raises:
        InputError: times that do not follow each other, or that are of both kinds.
    """
    by_clock = [is_clock(one.at) for one in change]
    if not any(by_clock):
        repeat_ns = None if repeat is None else parse_period_ns(repeat, f"{what}: repeat")
        changes = [(parse_period_ns(c.at, f"{what}: change.at"), c.state) for c in change]
        _check_times(changes, repeat_ns, repeat, what)
        return Schedule(tuple(changes), repeat_ns)
    if not all(by_clock):
        raise InputError(f"{what}: change.at is a time of day and a time since the start; use one")
    if repeat is not None:
        raise InputError(f"{what}: changes by the time of day come every day; leave repeat out")
    if starts_ns is None:
        raise InputError(f"{what}: change.at is a time of day; add starts = '07:00', the first one")
    return Schedule(_daily(change, starts_ns, what), DAY_NS)


def _daily(change: Sequence[StateAt], starts_ns: int, what: str) -> tuple[tuple[int, str], ...]:
    """Return a day's changes from its beginning on, the state that holds there first."""
    clock = [(parse_clock_ns(c.at, f"{what}: change.at"), c.state) for c in change]
    if len({at_ns for at_ns, _ in clock}) < len(clock):
        raise InputError(f"{what}: two changes at one time of day; leave one of them out")
    later = sorted(((at_ns - starts_ns) % DAY_NS, state) for at_ns, state in clock)
    first = () if later[0][0] == 0 else ((0, later[-1][1]),)
    return (*first, *later)


def is_clock(text: str) -> bool:
    """Whether a text is a time of day, like ``22:30``."""
    return _CLOCK.fullmatch(text.strip()) is not None


def parse_clock_ns(text: str, what: str) -> int:
    """Return a time of day in ns since midnight.

    Raises:
        InputError: no time of day.
    """
    parts = _CLOCK.fullmatch(text.strip())
    hours, minutes, seconds = (int(p or 0) for p in parts.groups()) if parts else (24, 0, 0)
    if hours > 23 or minutes > 59 or seconds > 59:
        raise InputError(f"{what} '{text}' is no time of day; give 00:00 to 23:59")
    return ((hours * 60 + minutes) * 60 + seconds) * 10**9


def _check_times(
    changes: Sequence[tuple[int, str]], repeat_ns: int | None, repeat: str | None, what: str
) -> None:
    """Raise InputError where changes do not follow each other, or come after their repeat."""
    if repeat_ns is not None and changes and changes[-1][0] >= repeat_ns:
        raise InputError(f"{what}: a change at or after repeat '{repeat}'; let it be longer")
    for (before, _), (after, _) in pairwise(changes):
        if after <= before:
            raise InputError(f"{what}: change times do not ascend; list them in order")
