"""A file that one process at a time may have open, and appends to in whole pieces."""

from __future__ import annotations

import os
import sys
from io import FileIO
from pathlib import Path

from dfsrt.base.errors import InputError, OutputError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_BEYOND = 2**31 - 2
"""The byte that Windows locks, where nothing is written: it keeps everyone from what it locks."""


def open_alone(path: Path, option: str) -> FileIO:
    """Open the file at ``path`` for appending, new or begun earlier, and keep others out.

    Others get in when it is closed, or when this process ends in any way. ``option`` is the word
    with which another place is given.

    Raises:
        InputError: another process has it open.
        OutputError: the file cannot be opened.
    """
    try:
        file = path.open("ab", buffering=0)
    except OSError as error:
        raise OutputError(
            f"cannot write '{path}': {error.strerror}; give a path in a writable folder"
        ) from error
    try:
        lock_alone(file.fileno())
    except OSError as error:
        file.close()
        raise InputError(
            f"'{path}' is in use by another dfsrt; wait for it, or give another {option}"
        ) from error
    return file


def lock_alone(handle: int) -> None:
    """Lock what is open, until it is closed or this process ends in any way.

    Raises:
        OSError: another process has locked it, or nobody can.
    """
    if sys.platform == "win32":
        os.lseek(handle, _BEYOND, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
    else:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


def append_whole(file: FileIO, data: bytes) -> None:
    """Append all of ``data``, which a file takes in parts where its disk is nearly full.

    Raises:
        OSError: the file takes no more.
    """
    rest = memoryview(data)
    while rest:
        rest = rest[file.write(rest) :]
