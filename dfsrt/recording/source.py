"""The file that a recording is read from: checked before anything is loaded."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dfsrt.base.errors import InputError
from dfsrt.base.names import is_there
from dfsrt.base.reading import RAISED_BY, limit_bytes
from dfsrt.base.shown import shown
from dfsrt.recording.unpacked import RecordingFile

_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
HEAD_BYTES = 64 * 1024
"""How much of a file is looked at to tell what it is."""
MAX_LAYER_BYTES = 256 * 2**20
"""Larger profiles of layers are refused: of most tools they have some hundred bytes a layer."""


def check_file(path: Path) -> int:
    """Return the size in bytes of the file at ``path``.

    Raises:
        InputError: it is missing, a folder or no regular file, or empty.
    """
    if is_there(path, Path.is_dir):
        raise InputError(f"'{path}' is a folder; give the recording's file in it")
    if not is_there(path):
        raise InputError(f"'{path}' does not exist; give the path of a recording")
    if not path.is_file():
        raise InputError(f"'{path}' is not a regular file; save the recording to one first")
    size = path.stat().st_size
    if size == 0:
        raise InputError(f"'{path}' is empty; record it again")
    return size


@contextmanager
def opened(path: Path) -> Iterator[RecordingFile]:
    """Open the file at ``path`` for its bytes, unpacked where it is packed.

    Raises:
        InputError: it is missing, no regular file, empty, or cannot be read or unpacked.
    """
    check_file(path)
    try:
        with RecordingFile(path) as file:
            if file.packed_by and not file.peek(1):
                raise InputError(
                    f"'{path}' begins like {file.packed_by}, but nothing in it can be unpacked; "
                    "give a file that is whole"
                )
            yield file
    except OSError as error:
        raise InputError(f"cannot read '{path}': {error.strerror}; give a readable file") from error


def as_text(file: RecordingFile, newline: str) -> io.TextIOWrapper:
    """Return the text of an open file, in UTF-8 or, where it begins so, in UTF-16."""
    encoding = "utf-16" if file.peek(2)[:2] in _WIDE else "utf-8-sig"
    return io.TextIOWrapper(file, encoding=encoding, errors="replace", newline=newline)


def read_all(path: Path, usual_bytes: int, advice: str) -> tuple[bytes, dict[str, str]]:
    """Return all bytes of the file at ``path``, unpacked, and what it tells of its packing.

    Raises:
        InputError: it cannot be read, or has more than ``usual_bytes``, or what the environment
            says instead; ``advice`` says what to do.
    """
    size, most = check_file(path), limit_bytes(usual_bytes)
    with opened(path) as file:
        data = b"" if size > most else file.read(most + 1)
        if size > most or len(data) > most:
            raise InputError(
                f"'{path}' has {size:,} bytes{' packed' if file.packed_by else ''}; up to "
                f"{most:,} are read: {advice}, or set {RAISED_BY} to a size like '4 GiB'"
            )
        return data, file.about()


def check_size(path: Path, usual_bytes: int) -> None:
    """Check that the file at ``path`` is there and no larger than ``usual_bytes``.

    Raises:
        InputError: it is missing, no regular file, empty or larger.
    """
    size, most = check_file(path), limit_bytes(usual_bytes)
    if size > most:
        raise InputError(
            f"'{path}' has {size:,} bytes; up to {most:,} are read: record a shorter time, or set "
            f"{RAISED_BY} to a size like '4 GiB'"
        )


def read_head(path: Path) -> bytes:
    """Return the first bytes of the file at ``path``, of text in UTF-8 and without its mark.

    Raises:
        InputError: it cannot be read.
    """
    with opened(path) as file:
        head = file.read(HEAD_BYTES)
    if head[:2] in _WIDE:
        return head.decode("utf-16", "ignore").encode("utf-8", "ignore")
    return head.removeprefix(codecs.BOM_UTF8)


def printable(text: str, length: int = 60) -> str:
    """Return a name out of a file as it may be shown: on one line, no terminal codes, not long."""
    return shown(text) if len(text) <= length else f"{shown(text[: length - 3])}..."
