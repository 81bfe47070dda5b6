"""When two values of a sweep are one: the same cap, device, time or governor, however typed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeAlias

from dfsrt.base.errors import InputError
from dfsrt.base.units import (
    parse_freq_hz,
    parse_period_ns,
    parse_power_w,
    parse_temperature_c,
    parse_time_ns,
)
from dfsrt.device import load_device
from dfsrt.governor import make_governor
from dfsrt.governor.registry import governor_files, label
from dfsrt.power.choose import parse_confidence
from dfsrt.run.stop import parse_until

Value: TypeAlias = str | int | float | bool


def _cap(value: Value) -> object:
    text = str(value).strip().lower()
    return text if text == "none" else parse_power_w(value, "cap")


def _governor(value: Value) -> object:
    text = str(value)
    return text if governor_files(text) else label(make_governor(text))


READ: Mapping[str, Callable[[Value], object]] = {
    "cap": _cap,
    "device": lambda value: repr(load_device(text_of(value))),
    "governor": _governor,
    "period": parse_period_ns,
    **dict.fromkeys(("deadline", "cap_window"), parse_time_ns),
    **dict.fromkeys(("memory", "layer_times_at"), parse_freq_hz),
    "ambient": parse_temperature_c,
    "confidence": parse_confidence,
    "until": lambda value: replace(parse_until(value), text=""),
}
"""How values of a field are read; of all others the text alone counts."""


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
        if name in of_device:
            return repr(load_device(f"{of_device[name]}:{name}={text}"))
        return READ[name](value) if name in READ else text
    except InputError:
        return text
