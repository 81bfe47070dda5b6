"""Numbers of the device file as dimensions of a search, by their dotted keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from dfsrt.base.errors import InputError
from dfsrt.base.names import unknown_name
from dfsrt.device.load import read_device_file
from dfsrt.device.said_numbers import POINTS, Key, keys_of, points_text
from dfsrt.device.schema import DeviceFile
from dfsrt.study.dimension import Dimension, choices, ranged
from dfsrt.study.study import Range

Given = Range | list[str | float | bool]
"""What a study says of a number: a range or choices."""


def device_dimensions(given: Mapping[str, Given], devices: Sequence[str]) -> dict[str, Dimension]:
    """Return the dimensions of the numbers that are varied on each of ``devices``, by name.

    Quantities are in the unit of the key; a bare number is in the unit that the file has.

    Raises:
        InputError: a key that one of the devices does not have, or values that do not fit it.
    """
    if not given:
        return {}
    files = [read_device_file(device) for device in devices]
    return {name: _dimension(name, one, files) for name, one in given.items()}


def _dimension(name: str, given: Given, files: Sequence[DeviceFile]) -> Dimension:
    where = f"search.device_numbers.{name}"
    if name == POINTS:
        return _points(where, given, files)
    if isinstance(given, Range):
        keys = [number_key(where, name, device) for device in files]
        return _range(where, given, keys[0])
    keys = [_key(where, name, device) for device in files]
    texts = [str(value).lower() if isinstance(value, bool) else str(value) for value in given]
    return choices(where, [keys[0].text(keys[0].parse(text, where)) for text in texts])


def _key(where: str, name: str, device: DeviceFile) -> Key:
    known = keys_of(msgspec.to_builtins(device))
    if name not in known:
        what = f"number of device {device.name} that its name may say"
        raise InputError(f"{where}: {unknown_name(what, name, known)}")
    return known[name]


def number_key(where: str, name: str, device: DeviceFile) -> Key:
    """Return the key of a number of ``device`` that may have a range; ``where`` begins an error.

    Raises:
        InputError: no such key, or one of words, or of yes and no.
    """
    if name == POINTS:
        raise InputError(f"{where} has no range; give a list of sets, like '300MHz+1GHz'")
    key = _key(where, name, device)
    if isinstance(key.value, bool | str):
        raise InputError(f"{where} has no range between low and high; give a list")
    return key


def _range(where: str, given: Range, key: Key) -> Dimension:
    whole = isinstance(key.value, int)

    def parse(text: str) -> float:
        value = key.parse(text, where)
        if whole and not isinstance(value, int):
            raise InputError(f"{where} '{text}' is no whole number{in_unit(key)}; give one")
        return float(value)

    def show(value: float) -> str:
        return key.text(int(value) if whole else value)

    return ranged(where, given, parse, show, whole, parse_step=parse)


def in_unit(key: Key) -> str:
    """Return the unit of a key as a message has it."""
    return f" of {key.unit.symbol}" if key.unit.symbol else ""


def _points(where: str, given: Given, files: Sequence[DeviceFile]) -> Dimension:
    """Sets of operating points; each is one that every device has."""
    if isinstance(given, Range):
        raise InputError(f"{where} has no range; give a list of sets, like '300MHz+1GHz'")
    for device in files:
        texts = [points_text(device, str(one)) for one in given]
    return choices(where, texts)
