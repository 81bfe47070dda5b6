"""The file that a recording is read from: checked before anything is loaded."""

from __future__ import annotations

from pathlib import Path

from dfsrt.base.errors import InputError

HEAD_BYTES = 64 * 1024
"""How much of a file is looked at to tell what it is."""
MAX_LAYER_BYTES = 256 * 2**20
"""Larger profiles of layers are refused: of most tools they have some hundred bytes a layer."""


def check_file(path: Path) -> int:
    """Return the size in bytes of the file at ``path``.

    Raises:
        InputError: it is missing, a folder or no regular file, or empty.
    """
    if path.is_dir():
        raise InputError(f"'{path}' is a folder; give the recording's file in it")
    if not path.exists():
        raise InputError(f"'{path}' does not exist; give the path of a recording")
    if not path.is_file():
        raise InputError(f"'{path}' is not a regular file; save the recording to one first")
    size = path.stat().st_size
    if size == 0:
        raise InputError(f"'{path}' is empty; record it again")
    return size


def check_size(path: Path, limit_bytes: int) -> None:
    """Check that the file at ``path`` is there and no larger than ``limit_bytes``.

    Raises:
        InputError: it is missing, no regular file, empty or larger.
    """
    size = check_file(path)
    if size > limit_bytes:
        raise InputError(
            f"'{path}' has {size:,} bytes; up to {limit_bytes:,} are read: record a shorter time"
        )


def read_head(path: Path) -> bytes:
    """Return the first bytes of the file at ``path``.

    Raises:
        InputError: it cannot be read.
    """
    check_file(path)
    try:
        with path.open("rb") as file:
            return file.read(HEAD_BYTES)
    except OSError as error:
        raise InputError(f"cannot read '{path}': {error.strerror}; give a readable file") from error


def printable(text: str, length: int = 60) -> str:
    """Return a name out of a file as it may be shown: on one line, no terminal codes, not long."""
    shown = "".join(c if c.isprintable() else "?" for c in text[: length + 1])
    return shown if len(text) <= length else f"{shown[: length - 3]}..."
