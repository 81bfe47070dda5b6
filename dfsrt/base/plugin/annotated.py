"""Parameters of plain fields: how text sets one of which only the annotation is known."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from types import NoneType, UnionType
from typing import Annotated, Literal, Union, get_args, get_origin

from dfsrt.base.errors import InputError
from dfsrt.base.names import one_of
from dfsrt.base.plugin.params import AUTO, Kind, Parameter, Values

NONE = (AUTO, "none")
"""Texts of None, the first of which is written."""


def parameter_of(hint: object, text: str = "") -> Parameter | None:
    """Return how text sets a field annotated ``hint``; None where no text can.

    ``int``, ``float``, ``str``, ``bool``, ``Literal`` and each of them ``| None`` can be set,
    where ``auto`` or ``none`` is None. ``text`` says what the field is for; without it the first
    text in an ``Annotated`` does.
    """
    kind, note, optional = _plain(hint)
    text = text or note
    if get_origin(kind) is Literal:
        return _choice(text, get_args(kind), optional)
    if kind is bool:
        return _choice(text, (False, True), optional)
    readers: dict[object, tuple[Kind, Callable[[str], object]]] = {
        int: ("whole", _whole),
        float: ("number", _number),
        str: ("text", str),
    }
    if kind not in readers:
        return None
    name, read = readers[kind]
    return Parameter(text, _or_none(read, optional), _show, Values(name, optional=optional))


def _plain(hint: object) -> tuple[object, str, bool]:
    """Return a type without its notes and without None, the first note, and whether None is in."""
    origin, parts = get_origin(hint), get_args(hint)
    if origin is Annotated:
        kind, note, optional = _plain(parts[0])
        return kind, next((n for n in parts[1:] if isinstance(n, str)), note), optional
    some = [part for part in parts if part not in (NoneType, None)]
    if origin in (Union, UnionType) and len(some) == 1 < len(parts):
        kind, note, _ = _plain(some[0])
        return kind, note, True
    return hint, "", origin is Literal and None in parts


def _choice(text: str, values: Sequence[object], optional: bool) -> Parameter:
    by_text = {_show(value): value for value in values if value is not None}
    choices = tuple(by_text)
    none = [word for word in NONE if word not in choices] if optional else []

    def parse(given: str) -> object:
        if given not in (*choices, *none):
            raise InputError(f"value '{given}' is unknown; {one_of(given, (*choices, *none))}")
        return by_text.get(given)

    def show(value: object) -> str:
        return none[0] if value is None and none else _show(value)

    return Parameter(text, parse, show, Values("choice", choices=choices, optional=optional))


def _or_none(read: Callable[[str], object], optional: bool) -> Callable[[str], object]:
    return (lambda given: None if given in NONE else read(given)) if optional else read


def _whole(given: str) -> int:
    try:
        return int(given)
    except ValueError:
        number = _number(given)
    if not number.is_integer():
        raise InputError(f"value '{given}' is no whole number; write it like {math.ceil(number)}")
    return int(number)


def _number(given: str) -> float:
    try:
        number = float(given)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise InputError(f"value '{given}' is no number; write it like 0.5")
    return number


def _show(value: object) -> str:
    if value is None:
        return AUTO
    return str(value).lower() if isinstance(value, bool) else str(value)
