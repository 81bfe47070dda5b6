"""What killed commands have left beside their outputs, told from what living ones write."""

from __future__ import annotations

import os
import re
import shutil
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from dfsrt.base.lock import lock_alone

_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)

EARLIER = ".earlier"
"""Ends the second name of what was at a place before."""


def remove_left(place: Path, name: re.Pattern[str], folder: bool) -> None:
    """Remove what has such a ``name`` beside ``place``, is the user's, and of no living command.

    A second name for what was there earlier goes with what should have come in its place.

    Limits: on Windows, where nothing tells whose it is, it stays.
    """
    if sys.platform == "win32":
        return
    for left in (n for n in _names_in(place.parent) if name.fullmatch(n.removesuffix(EARLIER))):
        path = place.with_name(left)
        new = place.with_name(left.removesuffix(EARLIER))
        with suppress(OSError), _abandoned(next(filter(Path.exists, (new, place)), path)):
            status = path.lstat()
            kind = stat.S_IFDIR if folder else stat.S_IFREG
            if stat.S_IFMT(status.st_mode) == kind and status.st_uid == os.geteuid():
                remove(path)


def remove(path: Path) -> None:
    """Remove a file, or a folder with all that is in it, where it is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _names_in(folder: Path) -> list[str]:
    """Return what is in a folder; nothing where nobody may know."""
    try:
        return [path.name for path in folder.iterdir()]
    except OSError:
        return []


@contextmanager
def _abandoned(path: Path) -> Iterator[None]:
    """Hold the lock of what no living command has.

    Raises:
        OSError: one has it, it is a link, or it cannot be known.
    """
    handle = os.open(path, _FLAGS)
    try:
        lock_alone(handle)
        yield
    finally:
        os.close(handle)
