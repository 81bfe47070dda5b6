"""Files of the kernel's below a root: the machine's own, a recorded tree's, or a test's."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Protocol

from dfsrt.base.reading import read_bytes
from dfsrt.live.errors import BoardError

MOST_BYTES = 1 << 20
"""More is in no attribute."""
AT_ONCE = 1 << 16
"""Bytes that are read without asking how many there are."""


class Tree(Protocol):
    """Attributes by their paths from the root, without a slash before them.

    Raises, on use:
        OSError: what the kernel says: not there, no rights, a value that is refused.
    """

    def read(self, path: str) -> str:
        """Return the text at ``path``, without space at its ends."""
        ...

    def write(self, path: str, text: str) -> None:
        """Write ``text`` to what is at ``path``; nothing is ever made there."""
        ...

    def names(self, folder: str) -> tuple[str, ...]:
        """Return what is in ``folder``, sorted."""
        ...


class Sysfs:
    """The tree of a machine below ``root``."""

    def __init__(self, root: Path = Path("/")) -> None:
        self.root = root
        self._places: dict[str, str] = {}
        self._written: dict[str, str] = {}

    def read(self, path: str) -> str:
        """Return the text at ``path``, without space at its ends.

        Raises:
            OSError: it cannot be read.
        """
        place = self._places.get(path)
        # What a file is gets looked at once: that takes ten times as long as to read it.
        data = b"" if place is None else _read_again(place)
        if place is None or len(data) == AT_ONCE:
            whole = self.root / path
            data = read_bytes(whole, MOST_BYTES)
            self._places[path] = os.fspath(whole)
        return data.decode("utf-8", "replace").strip()

    def write(self, path: str, text: str) -> None:
        """Write ``text`` to what is at ``path``.

        Raises:
            OSError: it is not there, may not be written, or refuses the text.
            BoardError: links of a recorded tree lead out of it.
        """
        if path not in self._written:
            self._written[path] = self._inside(path)
        flags = os.O_WRONLY | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
        handle = os.open(self._written[path], flags)
        try:
            os.write(handle, text.encode())
        finally:
            os.close(handle)

    def _inside(self, path: str) -> str:
        """Return where ``path`` is when links are followed."""
        place = os.path.realpath(self.root / path)
        if not Path(place).is_relative_to(os.path.realpath(self.root)):
            raise BoardError(f"'{path}' leads out of '{self.root}'; it is not written")
        return place

    def names(self, folder: str) -> tuple[str, ...]:
        """Return what is in ``folder``, sorted.

        Raises:
            OSError: it is no folder, or cannot be read.
        """
        return tuple(sorted(path.name for path in (self.root / folder).iterdir()))


def _read_again(place: str) -> bytes:
    """Return the first ``AT_ONCE`` bytes of a file that has been read before; nothing is awaited.

    Raises:
        OSError: it cannot be read any more.
    """
    handle = os.open(place, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        return os.read(handle, AT_ONCE)
    finally:
        os.close(handle)


def names_in(tree: Tree, folder: str) -> tuple[str, ...]:
    """Return what is in ``folder`` of ``tree``; nothing where it is none that can be read."""
    try:
        return tree.names(folder)
    except OSError:
        return ()
