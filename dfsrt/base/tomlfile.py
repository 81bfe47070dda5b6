"""Reading TOML of a known shape, with errors that name the file and the key."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar, cast

import msgspec

from dfsrt.base.errors import InputError
from dfsrt.base.explain import explain
from dfsrt.base.names import unknown_on_shelf
from dfsrt.base.reading import MOST_TEXT_BYTES, read_bytes

Shape = TypeVar("Shape")

Table = dict[str, object]
"""A table as tomllib reads it: its values are of whatever kind the file says."""

MOST_DEPTH = 64
"""Tables and lists in each other, and parts of a dotted key, that a file may have."""
_PART = r"""(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+"""
_LONG_KEY = re.compile(rf"(?:^|[\[{{,])[ \t]*+(?:{_PART}){{{MOST_DEPTH}}}", re.MULTILINE)
"""A dotted key that tomllib would take quadratic time for."""


def read_toml(
    path: Path, shape: type[Shape], what: str, known: tuple[str, ...] = (), give: str = ""
) -> Shape:
    """Return the file at ``path`` as ``shape``.

    For errors: ``what`` it is, and what to ``give`` instead, else a file or one of ``known``.

    Raises:
        InputError: no such file, no text, no TOML (with the line), or a key or value that does
            not fit.
    """
    names = f" or one of {', '.join(known)}" if known else ""
    text = read_text(path, what, give or f"a .toml file{names}")
    return parse_toml(text, shape, f"{what} '{path}'")


def read_text(path: Path, what: str, give: str, error: type[InputError] = InputError) -> str:
    """Return the text of the file at ``path``, a byte order mark left out.

    Raises:
        InputError: no such file, a folder or no regular file, too large, not readable, or not text;
            ``error`` where given.
    """
    try:
        data = read_bytes(path, MOST_TEXT_BYTES)
    except InputError as reason:
        raise error(f"{what} {reason}") from reason
    except OSError as reason:
        raise error(f"cannot read {what} '{path}': {reason.strerror}; give {give}") from reason
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as reason:
        raise error(f"{what} '{path}' is not a text file; give {give}") from reason
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def parse_toml(text: str, shape: type[Shape], where: str) -> Shape:
    """Return ``text`` as ``shape``; ``where`` begins every error, like ``study 'x.toml'``.

    Raises:
        InputError: no TOML (with the line), or a key or value that does not fit.
    """
    return fit_table(parse_table(text, where), shape, where)


def parse_table(text: str, where: str, error: type[InputError] = InputError) -> Table:
    """Return the table of a TOML ``text``, of whatever shape.

    Raises:
        InputError: no TOML, with the line; ``error`` where given.
    """
    if any(line.count(".") >= MOST_DEPTH for line in text.split("\n")) and _LONG_KEY.search(text):
        raise error(f"{where} has a key of more than {MOST_DEPTH} parts; write it flatter")
    try:
        table = tomllib.loads(text)
        _check_values(table)
    except RecursionError as reason:
        raise error(f"{where} nests too deeply; write it flatter") from reason
    except ValueError as reason:  # of tomllib, or of a number with thousands of digits
        raise error(f"{where} is not valid TOML: {_of_toml(reason)}; correct the file") from reason
    return table


def _of_toml(reason: ValueError) -> str:
    if isinstance(reason, tomllib.TOMLDecodeError) or "digits" not in str(reason):
        return " ".join(str(reason).split())[:200]
    return "a whole number has thousands of digits"


def _check_values(table: Table) -> None:
    """Raises RecursionError where tables nest too deeply, ValueError for a number beyond TOML's."""
    layer: list[tuple[str, object]] = [("", table)]
    for _ in range(MOST_DEPTH):
        layer = [held for name, holder in layer for held in _held(name, holder)]
        for name, value in layer:
            if isinstance(value, int) and not -(2**63) <= value < 2**63:
                raise ValueError(f"{name} = {str(value)[:20]}... is beyond 64 bits")
        layer = [held for held in layer if isinstance(held[1], dict | list)]
        if not layer:
            return
    raise RecursionError


def _held(name: str, holder: object) -> Iterable[tuple[str, object]]:
    """What a table or list holds, each with the last key above it."""
    if isinstance(holder, dict):
        return holder.items()
    return [(name, value) for value in cast("list[object]", holder)]


def fit_table(
    table: Table, shape: type[Shape], where: str, error: type[InputError] = InputError
) -> Shape:
    """Return ``table`` as ``shape``.

    Raises:
        InputError: a key or a value that does not fit; ``error`` where given.
    """
    try:
        return msgspec.convert(table, shape)
    except msgspec.ValidationError as reason:
        raise error(f"{where}: {explain(reason, shape, table)}") from reason


def shelf_path(name: str, shelf: Path, what: str) -> Path:
    """Return the file of ``name``: a ``.toml`` path as given, else one on ``shelf``.

    Raises:
        InputError: no such name.
    """
    if name.lower().endswith(".toml"):
        return Path(name)
    names = shelf_names(shelf)
    if name not in names:
        raise InputError(unknown_on_shelf(what, name, names))
    return shelf / f"{name}.toml"


def shelf_names(shelf: Path) -> tuple[str, ...]:
    """Return the names on ``shelf``."""
    return tuple(sorted(file.stem for file in shelf.glob("*.toml")))


def check_format(given: object, allowed: int, what: str, path: Path, oldest: int = 0) -> None:
    """Check that a file's ``format`` is one that this dfsrt reads: ``oldest`` to ``allowed``.

    Without an ``oldest`` only what it writes itself is.

    Raises:
        InputError: another one; for a later one, that a newer dfsrt reads it.
    """
    why = unread_format(given, allowed, oldest)
    if why is not None:
        raise InputError(f"{what} '{path}' {why}")


def unread_format(given: object, allowed: int, oldest: int = 0) -> str | None:
    """Return why a ``format`` is none that this dfsrt reads, and what to do; None where it is."""
    oldest = oldest or allowed
    if type(given) is int and oldest <= given <= allowed:
        return None
    is_later = type(given) is int and given > allowed
    reads = f"format {allowed}" if oldest == allowed else f"formats {oldest} to {allowed}"
    advice = "use a newer dfsrt" if is_later else f"write 'format = {allowed}' if it follows that"
    return f"has format {given}; this dfsrt reads {reads}: {advice}"
