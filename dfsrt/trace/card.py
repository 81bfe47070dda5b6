"""The card of a trace: where it comes from, how long it lasts, what the cap does."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from dfsrt.base.errors import InputError, NetworkError
from dfsrt.base.tomlfile import Table, check_format, read_toml
from dfsrt.base.tomltext import TomlValue, toml_text
from dfsrt.base.units import parse_power_w, parse_time_ns
from dfsrt.network.reading import Reading
from dfsrt.network.reading_table import ReadingTable
from dfsrt.trace.trace import TraceCard

FORMAT = 1
"""Version of a trace's folder; a card without one is of the first."""


class CapEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A cap that holds from ``at`` on; ``limit`` is watts, or ``none``."""

    at: str
    limit: str


class CardFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What card.toml holds; ``generator`` and ``capture`` are for people and tests."""

    format: int = 1
    name: str
    kind: Literal["synthetic", "recorded"]
    description: str
    source: str
    duration: str
    cap: list[CapEntry] = []
    reading: dict[str, ReadingTable] = {}
    generator: Table = {}
    capture: Table = {}


def read_card(path: Path) -> TraceCard:
    """Return the card at ``path``.

    Raises:
        InputError: no such file, no TOML, or a key or value that does not fit.
    """
    file = read_card_file(path)
    return TraceCard(
        name=file.name,
        kind=file.kind,
        description=file.description,
        source=file.source,
        duration_ns=parse_time_ns(file.duration, f"card '{path}': duration"),
        cap_steps=cap_steps(file.cap, f"card '{path}'"),
        readings={name: _reading(name, table, path) for name, table in file.reading.items()},
    )


def read_card_file(path: Path) -> CardFile:
    """Return the card as it is written.

    Raises:
        InputError: no such file, no TOML, a key or value that does not fit, or a later format.
    """
    file = read_toml(path, CardFile, "card", give="a folder with a card.toml")
    check_format(file.format, FORMAT, "card", path)
    return file


def cap_steps(entries: Sequence[CapEntry], where: str) -> tuple[tuple[int, float], ...]:
    """Return cap changes as times in nanoseconds and watts, infinite for none.

    Raises:
        InputError: a time or a limit that is none, or times that are not in order; the message
            begins with ``where``.
    """
    steps = tuple(_step(entry, f"{where}: cap") for entry in entries)
    times = [when for when, _ in steps]
    if times != sorted(set(times)):
        raise InputError(f"{where}: cap changes are not in order; list each time once")
    return steps


def _reading(name: str, table: ReadingTable, path: Path) -> Reading:
    try:
        return table.reading
    except NetworkError as error:
        raise InputError(f"card '{path}': reading of '{name}': {error}") from error


def _step(entry: CapEntry, what: str) -> tuple[int, float]:
    none = entry.limit.strip().lower() == "none"
    limit_w = math.inf if none else parse_power_w(entry.limit, what)
    return parse_time_ns(entry.at, what), limit_w


def card_text(card: TraceCard, **tables: Mapping[str, TomlValue]) -> str:
    """Return the text of a card file; ``tables`` are ``generator`` or ``capture``.

    Raises:
        InputError: a card that does not say whether the trace is recorded.
    """
    if card.kind == "unknown":
        raise InputError("a trace without a card cannot be written; say whether it is recorded")
    document: dict[str, TomlValue] = {
        "format": FORMAT,
        "name": card.name,
        "kind": card.kind,
        "description": card.description,
        "source": card.source,
        "duration": f"{card.duration_ns} ns",
    }
    if card.cap_steps:
        document["cap"] = [
            {"at": f"{when} ns", "limit": "none" if math.isinf(w) else f"{w!r} W"}
            for when, w in card.cap_steps
        ]
    readings = {name: _said(reading) for name, reading in card.readings.items() if _said(reading)}
    if readings:
        document["reading"] = readings
    return toml_text({**document, **{name: table for name, table in tables.items() if table}})


def _said(reading: Reading) -> dict[str, TomlValue]:
    """What a reading says beside what nobody has to."""
    plain, said = Reading(), dict[str, TomlValue]()
    for key, value, default in (
        ("dims", reading.dims, plain.dims),
        ("set", reading.values, plain.values),
        ("branch", reading.branch, plain.branch),
        ("trips", reading.trips, plain.trips),
        ("unknown_ops", reading.unknown_ops, plain.unknown_ops),
        ("kv_cache", reading.kv_cache, plain.kv_cache),
        ("steps", reading.steps, plain.steps),
    ):
        if value != default:
            said[key] = value
    return said
