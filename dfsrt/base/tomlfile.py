"""Reading TOML of a known shape, with errors that name the file and the key."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TypeVar

import msgspec

from dfsrt.base.errors import InputError
from dfsrt.base.explain import explain
from dfsrt.base.names import unknown_name

Shape = TypeVar("Shape")

Table = dict[str, object]
"""A table as tomllib reads it: its values are of whatever kind the file says."""


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


MOST_TEXT_BYTES = 256 * 2**20
"""Larger files of text are refused before they are read."""


def read_text(path: Path, what: str, give: str, error: type[InputError] = InputError) -> str:
    """Return the text of the file at ``path``, a byte order mark left out.

    Raises:
        InputError: no such file, a folder or no regular file, too large, not readable, or not text;
            ``error`` where given.
    """
    _check_readable(path, what, give, error)
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as reason:
        raise error(f"cannot read {what} '{path}': {reason.strerror}; give {give}") from reason
    except ValueError as reason:  # not UTF-8, or a name with a zero byte
        raise error(f"{what} '{path}' is not a text file; give {give}") from reason


def _check_readable(path: Path, what: str, give: str, error: type[InputError]) -> None:
    """Raise ``error`` for what is not read in bounded time and memory; a missing file passes."""
    try:
        is_there, is_plain = path.exists(), path.is_file()
        size = path.stat().st_size if is_plain else 0
    except (OSError, ValueError):
        return  # reading it says what is wrong
    if is_there and not is_plain and not path.is_dir():
        raise error(f"{what} '{path}' is no regular file; give {give}")
    if size > MOST_TEXT_BYTES:
        raise error(
            f"{what} '{path}' has {size:,} bytes, of which up to {MOST_TEXT_BYTES:,} are read; "
            f"give {give}"
        )


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
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as reason:
        raise error(f"{where} is not valid TOML: {reason}; correct the file") from reason
    except RecursionError as reason:
        raise error(f"{where} nests too deeply; write it flatter") from reason


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
        raise error(f"{where}: {explain(reason, shape)}") from reason


def shelf_path(name: str, shelf: Path, what: str) -> Path:
    """Return the file of ``name``: a ``.toml`` path as given, else one on ``shelf``.

    Raises:
        InputError: no such name.
    """
    if name.lower().endswith(".toml"):
        return Path(name)
    names = shelf_names(shelf)
    if name not in names:
        raise InputError(f"{unknown_name(what, name, names)} or give a .toml file")
    return shelf / f"{name}.toml"


def shelf_names(shelf: Path) -> tuple[str, ...]:
    """Return the names on ``shelf``."""
    return tuple(sorted(file.stem for file in shelf.glob("*.toml")))


def check_format(given: object, allowed: int, what: str, path: Path) -> None:
    """Check that a file's ``format`` is the one that this dfsrt reads.

    Raises:
        InputError: another one.
    """
    if given != allowed:
        raise InputError(f"{what} '{path}' has format {given}; this dfsrt reads format {allowed}")
