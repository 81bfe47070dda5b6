"""The file of a day: what is used in which hours, how often, for how long; and the caps."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import msgspec

from dfsrt.base.errors import InputError
from dfsrt.base.tomlfile import check_format, read_toml, shelf_names, shelf_path
from dfsrt.base.units import parse_period_ns
from dfsrt.trace.asked_tokens import asked_lengths
from dfsrt.trace.card import CapEntry, cap_steps
from dfsrt.trace.token_lengths import RequestLengths
from dfsrt.trace.trace import NO_DEADLINE
from dfsrt.trace.workload import check_workload

DAYS = Path(__file__).parent / "days"
FORMAT = 1
MINUTE_NS = 60 * 10**9
DAY_NS = 24 * 60 * MINUTE_NS
_SPAN = re.compile(r"(\d{1,2})(?::(\d\d))?\s*-\s*(\d{1,2})(?::(\d\d))?", re.ASCII)

Window = tuple[int, int]
"""From when to when, in nanoseconds from midnight."""


class UseTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A use: ``per_day`` times within ``hours`` for ``lasts`` in the mean, or all through them."""

    workload: str
    hours: tuple[str, ...] = ("0-24",)
    per_day: float | None = None
    lasts: str | None = None
    rate: float
    deadline: str | None = None
    priority: int = 0
    prompt: int | None = None
    output: int | None = None
    lengths: str | None = None


class DayFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The whole file."""

    format: int
    description: str
    source: str
    cap: list[CapEntry] = []
    use: list[UseTable]


@dataclass(frozen=True, slots=True)
class Use:
    """Something that is done: in which ``windows``, and what it asks for at ``rate_hz``.

    ``per_day`` uses begin at random in the windows, and last ``lasts_s`` in the mean,
    exponentially; without, it goes on all through them. Requests for a language model have tokens
    by ``lengths``.
    """

    workload: str
    windows: tuple[Window, ...]
    per_day: float | None
    lasts_s: float
    rate_hz: float
    deadline_ns: int
    priority: int
    lengths: RequestLengths | None


@dataclass(frozen=True, slots=True)
class Day:
    """What a day's file says."""

    description: str
    source: str
    cap_steps: tuple[tuple[int, float], ...]
    uses: tuple[Use, ...]


def load_day(text: str) -> Day:
    """Return the day of a name or a ``.toml`` file.

    Raises:
        InputError: no such file, a key or a value that does not fit, or a workload that is none.
    """
    path = shelf_path(text, DAYS, "day")
    known = shelf_names(DAYS)
    file = read_toml(path, DayFile, "day", known)
    check_format(file.format, FORMAT, "day", path)
    if not file.use:
        raise InputError(f"day '{path}' has no use; give at least one [[use]]")
    uses = tuple(_use(table, f"day '{path}', use {n}") for n, table in enumerate(file.use, 1))
    return Day(file.description, file.source, cap_steps(file.cap, f"day '{path}'"), uses)


def _use(table: UseTable, where: str) -> Use:
    if (table.per_day is None) != (table.lasts is None):
        raise InputError(f"{where}: per_day and lasts go together; give both or neither")
    for name, value in (("per_day", table.per_day), ("rate", table.rate)):
        if value is not None and not 0 < value < math.inf:
            raise InputError(f"{where}: {name} {value:g} is out of range; give a number above 0")
    check_workload(table.workload, where)
    due = table.deadline
    lasts_ns = 0 if table.lasts is None else parse_period_ns(table.lasts, f"{where}: lasts")
    return Use(
        workload=table.workload,
        windows=windows_of(table.hours, where),
        per_day=table.per_day,
        lasts_s=lasts_ns * 1e-9,
        rate_hz=table.rate,
        deadline_ns=NO_DEADLINE if due is None else parse_period_ns(due, f"{where}: deadline"),
        priority=table.priority,
        lengths=asked_lengths(table.workload, table.prompt, table.output, table.lengths, where),
    )


def windows_of(hours: Sequence[str], where: str) -> tuple[Window, ...]:
    """Return spans of hours like ``"8-22"`` or ``"22:30-6"`` as windows of one day, in order.

    Raises:
        InputError: no span, one that is none, or two that overlap.
    """
    windows = sorted(w for text in hours for w in _windows(text, where))
    if not windows or any(a[1] > b[0] for a, b in pairwise(windows)):
        raise InputError(
            f"{where}: hours {list(hours)} are none, or overlap; write them like "
            "['7-9', '17:30-19']"
        )
    return tuple(windows)


def _windows(text: str, where: str) -> list[Window]:
    """One window, or two where it goes over midnight."""
    parts = _SPAN.fullmatch(text.strip())
    first, last = (_minutes(parts, k) for k in (1, 3)) if parts else (-1, -1)
    if first < 0 or last < 0 or first == last:
        raise InputError(
            f"{where}: hours '{text}' are no span of a day; write them like '8-22', '7:30-9' or "
            "over midnight '22-6'"
        )
    spans = [(first, last)] if first < last else [(0, last), (first, 24 * 60)]
    return [(a * MINUTE_NS, b * MINUTE_NS) for a, b in spans if a < b]


def _minutes(parts: re.Match[str], group: int) -> int:
    """Minutes from midnight, 24:00 the last; -1 where there is no such time."""
    hours, minutes = int(parts[group]), int(parts[group + 1] or 0)
    return hours * 60 + minutes if minutes < 60 and hours * 60 + minutes <= 24 * 60 else -1
