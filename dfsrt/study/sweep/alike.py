"""When two values of a sweep are one: the same cap, the same device, the same number of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from dfsrt.base.errors import InputError
from dfsrt.base.units import parse_power_w
from dfsrt.device import load_device

Value: TypeAlias = str | int | float | bool


def text_of(value: object) -> str:
    """Return a value as one types it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def alike_key(name: str, value: Value, of_device: Mapping[str, str]) -> object:
    """Return what is equal for values of ``name`` that mean the same.

    ``of_device`` has the text of a device with each number of it that is varied. A value that
    cannot be read is like its own text alone: its point says what is wrong.
    """
    text = "".join(text_of(value).split())
    try:
        if name == "cap" and text.lower() != "none":
            return parse_power_w(value, "cap")
        if name == "device":
            return repr(load_device(text_of(value)))
        if name in of_device:
            return repr(load_device(f"{of_device[name]}:{name}={text}"))
    except InputError:
        return text
    return text
