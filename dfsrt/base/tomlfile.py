"""Reading a TOML file of a known shape, with errors that name the file and the key."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from dfsrt.base.errors import InputError
from dfsrt.base.explain import explain
from dfsrt.base.names import unknown_name

File = TypeVar("File")


def read_toml(path: Path, shape: type[File], what: str, known: tuple[str, ...] = ()) -> File:
    """Return the file at ``path`` as ``shape``; ``what`` and ``known`` are for its errors.

    Raises:
        InputError: no such file, no TOML (with the line), or a key or value that does not fit.
    """
    try:
        return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8-sig")), shape)
    except OSError as error:
        names = f" or one of {', '.join(known)}" if known else ""
        raise InputError(
            f"cannot read {what} '{path}': {error.strerror}; give a .toml file{names}"
        ) from error
    except msgspec.ValidationError as error:
        raise InputError(f"{what} '{path}': {explain(error, shape)}") from error
    except ValueError as error:  # not TOML, or not text
        raise InputError(f"{what} '{path}' is not valid TOML: {error}") from error


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


def check_format(found: Any, allowed: int, what: str, path: Path) -> None:
    """Raise InputError unless a file's ``format`` is the one that this dfsrt reads."""
    if found != allowed:
        raise InputError(f"{what} '{path}' has format {found}; this dfsrt reads format {allowed}")
