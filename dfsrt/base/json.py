"""JSON: what its values are, and the one way to write them.

A number that is none is refused: not written as null, nor as a word that JSON does not have.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

import msgspec

from dfsrt.base.errors import InputError

Json: TypeAlias = bool | int | float | str | list["Json"] | dict[str, "Json"] | None
Document: TypeAlias = dict[str, Json]
"""An object of JSON: values by name."""
_NO_NUMBER = re.compile(rb"\xcb[\x7f\xff][\xf0-\xff]")
"""How MessagePack begins a number that is none; other numbers may hold these bytes, too."""


def encode(value: object) -> bytes:
    """Return a document of plain values as JSON in UTF-8, without a line's end.

    Raises:
        InputError: a number in it is infinite or none, or a whole one beyond 2^64.
    """
    try:
        packed = msgspec.msgpack.encode(value)
    except OverflowError as error:
        raise InputError(
            "the result holds a whole number of 2^64 or more; give smaller counts and sizes"
        ) from error
    except UnicodeEncodeError:  # half of a surrogate pair, as names that are no UTF-8 have
        plain = msgspec.to_builtins(value)
        _check_numbers(plain)
        return json.dumps(plain, separators=(",", ":")).encode()
    if _NO_NUMBER.search(packed):
        _check_numbers(msgspec.to_builtins(value))
    return msgspec.json.encode(value)


def json_text(value: object) -> str:
    """Return a document of plain values as JSON on one line.

    Raises:
        InputError: a number in it is infinite or none.
    """
    return encode(value).decode()


def quoted(text: str, ascii_only: bool = True) -> str:
    """Return ``text`` as JSON; with ``ascii_only`` any text, also one that has no UTF-8."""
    return json.dumps(text, ensure_ascii=ascii_only)


def _check_numbers(value: object) -> None:
    for place, number in _no_numbers(value, ""):
        raise InputError(
            f"{place.lstrip('.') or 'the result'} comes to {number}, which is no number that can "
            "be written; correct the numbers of the device or the load"
        )


def _no_numbers(value: object, place: str) -> Iterator[tuple[str, float]]:
    if isinstance(value, float) and not math.isfinite(value):
        yield place, value
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield from _no_numbers(each, f"{place}.{key}")
    elif isinstance(value, Sequence) and not isinstance(value, str | bytes):
        for number, each in enumerate(value):
            yield from _no_numbers(each, f"{place}[{number}]")
