"""Numbers in a device's name, like ``array.rows=64``, as a table that lies over its file."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from dfsrt.base.errors import DeviceError, InputError
from dfsrt.base.names import unknown_name
from dfsrt.base.tomlfile import Table
from dfsrt.base.units import parse_freq_hz, parse_quantity
from dfsrt.device.provenance import tables
from dfsrt.device.schema import DeviceFile
from dfsrt.device.unit import PLAIN, Unit, quantity_text, unit_of

POINTS = "points"
"""The option that keeps some of a device's operating points."""
SOURCE = "given with the device's name"
"""Where a number comes from that no file says."""
_CHOSEN = {"opp.default_bin": "bin", "rail.default": "rail"}
"""Keys that a device's name chooses by an option."""
_OF_A_RUN = {
    "memory.mapper": "--mapper",
    "memory.schedule": "--schedule",
    **{f"dram.{key}": "--dram" for key in ("part", "map", "layout")},
}
"""Texts that may name a file or a plug-in, and the option of a run that says them."""

Single = bool | int | float | str
"""A value that can be typed."""


@dataclass(frozen=True, slots=True)
class Key:
    """A value that a device's name may say: its table, its name there, and what it is now.

    ``entry`` is its place in a mapping, by precision or by bin; empty for a value of its own.
    """

    table: str
    name: str
    entry: str
    value: Single | None
    unit: Unit

    def parse(self, text: str, what: str) -> Single:
        """Return the value that ``text`` says; ``what`` begins every error.

        Raises:
            DeviceError: no value of that kind.
        """
        if isinstance(self.value, bool):
            return _flag(text, what)
        if isinstance(self.value, str):
            return text
        number = _number(text, self.unit, what)
        return float(number) if isinstance(self.value, float) else number

    def text(self, value: Single) -> str:
        """Return ``value`` as it is shortest typed, without loss."""
        if isinstance(value, bool):
            return str(value).lower()
        if isinstance(value, str):
            return value
        bare = repr(int(value)) if float(value).is_integer() else repr(value)
        short = quantity_text(value, self.unit).translate({ord(" "): "", ord(","): "", 0xB5: "u"})
        try:
            return short if self.parse(short, "number") == value else bare
        except DeviceError:  # a unit that people read another way
            return bare


def said_table(device: DeviceFile, said: Mapping[str, str]) -> tuple[Table, str]:
    """Return what ``said`` changes of ``device`` as a device file would have it, and as a name.

    ``said`` holds texts by dotted key, and ``points``. What a device has already changes nothing:
    the table and the options of the name are without it. They are in the order of the keys.

    Raises:
        DeviceError: a key that the device does not have or that no name can say, a value that does
            not fit, or a clock that no operating point has.
    """
    raw: Table = msgspec.to_builtins(device)
    table: Table = {}
    keys, options = keys_of(raw), []
    for name in sorted(set(said) - {POINTS}):
        key = _known(device, raw, keys, name)
        value = key.parse(said[name], f"device {device.name}: {name}")
        if value != key.value:
            _say(table, raw, key, value)
            options.append(f"{name}={key.text(value)}")
    kept = _kept(device, said[POINTS]) if POINTS in said else None
    if kept is not None and len(kept) < len(device.opp.points):
        _say_points(table, raw, kept)
        hz = unit_of("freq_hz") or PLAIN
        clocks = (quantity_text(device.opp.points[k].freq_hz, hz).replace(" ", "") for k in kept)
        options.append(f"{POINTS}={'+'.join(clocks)}")
    return table, "".join(f":{option}" for option in options)


def keys_of(raw: Mapping[str, object]) -> dict[str, Key]:
    """Return all that a name may say of a device, by dotted key, from its whole file as plain
    values: numbers, yes or no, and single words; also those that it may leave out and does."""
    keys: dict[str, Key] = {}
    for path, table in tables(raw, ""):
        for name, value in table.items():
            unit = unit_of(name)
            if isinstance(value, Mapping):
                numbers = {k: v for k, v in value.items() if isinstance(v, int | float)}
                entries = {k: Key(path, name, k, v, unit or PLAIN) for k, v in numbers.items()}
                keys |= {f"{path}{name}.{k}": key for k, key in entries.items()}
            elif isinstance(value, bool | int | float | str) or (value is None and unit):
                keys[f"{path}{name}"] = Key(path, name, "", value, unit or PLAIN)
    return {k: v for k, v in keys.items() if "." in k and k not in (*_CHOSEN, *_OF_A_RUN)}


def _known(device: DeviceFile, raw: Table, keys: Mapping[str, Key], name: str) -> Key:
    if name in keys:
        return keys[name]
    if name in _CHOSEN:
        option = _CHOSEN[name]
        raise DeviceError(f"device {device.name}: {name} is chosen by '{option}='; give that")
    if name in _OF_A_RUN:
        raise DeviceError(
            f"device {device.name}: {name} is said of a run; give it with {_OF_A_RUN[name]}, or "
            "write a device file"
        )
    lists = (f"{path}{key}" for path, table in tables(raw, "") for key in table)
    if any(name == one or name.startswith((f"{one}.", f"{one}[")) for one in lists):
        raise DeviceError(
            f"device {device.name}: {name} is no single number or word; write a device file with "
            f'base = "{device.name}" that says it'
        )
    raise DeviceError(unknown_name(f"number of device {device.name}", name, keys))


def _say(table: Table, raw: Table, key: Key, value: Single) -> None:
    """Put a value and its source into ``table``; a mapping goes along whole."""
    place: Any = table
    now: Any = raw
    for word in key.table.split(".")[:-1]:
        place, now = place.setdefault(word, {}), now[word]
    if key.entry:
        place[key.name] = {**now[key.name], **place.get(key.name, {}), key.entry: value}
    else:
        place[key.name] = value
    place.setdefault("source", {})[key.name] = SOURCE


def _kept(device: DeviceFile, text: str) -> list[int]:
    """Return the places of the operating points whose clocks ``text`` lists."""
    clocks = [point.freq_hz for point in device.opp.points]
    what = f"device {device.name}: {POINTS}"
    try:
        wanted = [parse_freq_hz(one, what) for one in text.split("+")]
    except InputError as error:
        raise DeviceError(str(error)) from error
    unknown = next((hz for hz in wanted if hz not in clocks), None)
    if unknown is not None or len(set(wanted)) < len(wanted):
        hz = unit_of("freq_hz") or PLAIN
        known = "+".join(quantity_text(one, hz).replace(" ", "") for one in clocks)
        raise DeviceError(f"{what} '{text}': give some of {known}, each once")
    return [k for k, clock in enumerate(clocks) if clock in wanted]


def _say_points(table: Table, raw: Table, kept: Sequence[int]) -> None:
    opp: Any = raw["opp"]
    told = opp["source"].get("points", "")
    points = [opp["points"][k] for k in kept]
    own: Any = table.setdefault("opp", {})
    own["points"] = points
    own.setdefault("source", {})["points"] = f"{told}; these of them {SOURCE}"


def _flag(text: str, what: str) -> bool:
    if text not in ("true", "false"):
        raise DeviceError(f"{what} '{text}' is not true or false; give one of the two")
    return text == "true"


def _number(text: str, unit: Unit, what: str) -> int | float:
    """Return a bare number as it is typed, and a quantity in the key's unit.

    A quantity keeps fifteen digits, so that it is the number that a file would have.
    """
    try:
        bare = float(text.removesuffix(unit.symbol) if not unit.prefixed else text)
    except ValueError:
        try:
            value = parse_quantity(text, unit.shown if unit.prefixed else "", what)
        except InputError as error:
            raise DeviceError(f"{error}{_in_key_unit(unit)}") from error
        bare = float(f"{value / unit.scale:.15g}")
    if not math.isfinite(bare):
        raise DeviceError(f"{what} '{text}' is not finite; give a finite number")
    return int(bare) if bare.is_integer() and abs(bare) < 2**63 else bare


def _in_key_unit(unit: Unit) -> str:
    return f"; a bare number is in {unit.symbol}" if unit.symbol else ""
