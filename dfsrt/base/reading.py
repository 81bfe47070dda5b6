"""One way in: every file that is read is opened here."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from io import BufferedReader, FileIO
from pathlib import Path
from typing import TYPE_CHECKING

from dfsrt.base.errors import InputError
from dfsrt.base.output_set import check_no_output
from dfsrt.base.units import parse_memory_bytes

if TYPE_CHECKING:
    import pyarrow as pa

MOST_TEXT_BYTES = 256 * 2**20
"""Larger files of text (TOML, JSON, CSV) are refused before they are read."""
MOST_BYTES = 64 * 2**30
"""Larger files of any other kind are refused before they are read."""
RAISED_BY = "DFSRT_MAX_FILE_BYTES"
"""The environment variable that takes the place of every limit on a file's size."""

_AT_ONCE = 1 << 16
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
_FLAGS |= getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)


def open_file(
    path: str | Path, most_bytes: int = MOST_BYTES, error: type[InputError] = InputError
) -> BufferedReader:
    """Open the regular file at ``path`` for its bytes; nothing else is ever waited for.

    Raises:
        OSError: it is missing, a folder, or may not be read.
        InputError: no regular file, or one of more than ``most_bytes``; ``error`` where given.
        SameFileError: an output of the same command.
    """
    return BufferedReader(open_raw(path, most_bytes, error))


def open_raw(
    path: str | Path, most_bytes: int = MOST_BYTES, error: type[InputError] = InputError
) -> FileIO:
    """Open a file as ``open_file`` does, with nothing kept in memory between its reads.

    Raises:
        OSError, InputError: as of ``open_file``.
    """
    check_no_output(Path(path))
    try:
        _check(path, Path(path).stat(), most_bytes, error)  # opening a device may do something
        handle = os.open(path, _FLAGS)
    except ValueError as reason:
        if isinstance(reason, InputError):
            raise
        raise OSError(errno.EINVAL, "its name holds a zero byte", str(path)) from reason
    file = FileIO(handle, "rb")
    try:
        _check(path, os.fstat(handle), most_bytes, error)  # it may be another by now
    except BaseException:
        file.close()
        raise
    return file


def read_bytes(
    path: str | Path, most_bytes: int = MOST_BYTES, error: type[InputError] = InputError
) -> bytes:
    """Return all bytes of the file at ``path``.

    Raises:
        OSError, InputError: as of ``open_file``.
    """
    most = limit_bytes(most_bytes)
    with open_raw(path, most_bytes, error) as file:
        size = os.fstat(file.fileno()).st_size
        data = file.read(size + 1)
        while len(data) <= most and (more := file.read(max(size + 1 - len(data), _AT_ONCE))):
            data += more  # it grows, or says no size, or is of more than is handed out at once
    if len(data) > most:
        raise error(too_large(f"'{path}'", len(data), most))
    return data


def open_native(path: str | Path) -> pa.NativeFile:
    """Open a file as ``open_file`` does, for the threads of pyarrow, which outlive Python's files.

    Raises:
        OSError, InputError: as of ``open_file``.
    """
    import pyarrow as pa

    open_raw(path).close()
    return pa.OSFile(os.fspath(path))


def file_digest(path: str | Path) -> str:
    """Return the SHA-256 of what a file holds, of which little is in memory at once.

    Raises:
        OSError, InputError: as of ``open_file``.
    """
    with open_raw(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def limit_bytes(usual: int) -> int:
    """Return the most bytes that are read: the ``usual``, or what the environment says instead.

    Raises:
        InputError: the environment says no size.
    """
    said = os.environ.get(RAISED_BY, "")
    return parse_memory_bytes(said, RAISED_BY) if said else usual


def too_large(what: str, size: int, most: int) -> str:
    """Return what is said of ``what``, of ``size`` bytes where ``most`` are read."""
    return (
        f"{what} has {size:,} bytes, of which up to {most:,} are read; give a smaller file, or set "
        f"{RAISED_BY} to a size like '4 GiB'"
    )


def _check(
    path: str | Path, info: os.stat_result, most_bytes: int, error: type[InputError]
) -> None:
    if stat.S_ISDIR(info.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(info.st_mode):
        raise error(f"'{path}' is not a regular file; save it to one first, and give that")
    most = limit_bytes(most_bytes)
    if info.st_size > most:
        raise error(too_large(f"'{path}'", info.st_size, most))
