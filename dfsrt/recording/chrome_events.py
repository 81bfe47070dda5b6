"""Events of Chrome's trace JSON: decoded at once or, where the file is damaged, one by one."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import msgspec

from dfsrt.base.errors import InputError
from dfsrt.recording.json_records import Record, Records, list_start, text_of
from dfsrt.recording.left_out import LeftOut
from dfsrt.recording.source import read_all

_BASE = re.compile(r'"baseTimeNanoseconds"\s*:\s*(-?\d{1,19})')


class Event(msgspec.Struct, gc=False):
    """What is read of an event; ``ts`` and ``dur`` are microseconds to the last digit."""

    ph: str
    name: object = ""
    cat: object = ""
    ts: Decimal = Decimal(0)
    dur: Decimal = Decimal(0)
    pid: object = 0
    tid: object = 0
    id: object = None
    id2: object = None
    args: object = None


_FIELDS = frozenset(Event.__struct_fields__)


class _Document(msgspec.Struct):
    traceEvents: list[Event]  # noqa: N815 - the format's name
    baseTimeNanoseconds: object = 0  # noqa: N815


@dataclass(slots=True)
class ChromeFile:
    """A file's events, what was left out, and what it tells of itself."""

    events: list[Event]
    left_out: LeftOut = field(default_factory=lambda: LeftOut("events"))
    about: dict[str, str] = field(default_factory=dict)


def read_events(path: Path, max_bytes: int, max_events: int) -> ChromeFile:
    """Return the events of the file at ``path``; those that are no events are left out and counted.

    Raises:
        InputError: the file cannot be read, is no such trace, or is too large.
    """
    data, packed = read_all(path, max_bytes, "cut it")
    if data.lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n")[:1] not in (b"{", b"["):
        raise InputError(f"'{path}' is no Chrome trace: it does not begin with {{ or [")
    if data.count(b'"ph"') > max_events:
        raise InputError(
            f"'{path}' has more than {max_events:,} events, the most that is read; cut it"
        )
    try:
        whole = msgspec.json.decode(data, type=_Document | list[Event])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        file = _one_by_one(text_of(data))
    else:
        file = _strict(whole)
    file.about |= packed
    return file


def _strict(whole: _Document | list[Event]) -> ChromeFile:
    if isinstance(whole, list):
        return ChromeFile(whole)
    return ChromeFile(whole.traceEvents, about=_zero(whole.baseTimeNanoseconds))


def _one_by_one(text: str) -> ChromeFile:
    left_out = LeftOut("events")
    records = Records(text, list_start(text), ("ph",), left_out)
    events = []
    for number, record in enumerate(records):
        try:
            events.append(_event(record))
        except ValueError as reason:
            left_out.add(f"event {number}", reason)
    base = _BASE.search(text)
    about = _zero(int(base[1])) if base else {}
    return ChromeFile(events, left_out, about | records.about())


def _zero(base_ns: object) -> dict[str, str]:
    return {"zero in ns since 1970": str(base_ns)} if base_ns else {}


def _event(record: Record) -> Event:
    """Raises ValueError where it has no kind, or a time that is no number."""
    kind = record["ph"]
    if not isinstance(kind, str):
        raise ValueError("its kind 'ph' is no text")
    event = Event(kind)
    for key in _FIELDS & record.keys():
        value = record[key]
        setattr(event, key, _decimal(key, value) if key in ("ts", "dur") else value)
    return event


def _decimal(key: str, value: object) -> Decimal:
    try:
        if isinstance(value, int | str | float | Decimal) and not isinstance(value, bool):
            return Decimal(value)
    except ArithmeticError:
        pass
    raise ValueError(f"its {key} is no number")
