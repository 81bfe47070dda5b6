"""A tree to which nothing is ever written: what would be is remembered, and said."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from dfsrt.live.tree import Tree

OnWrite = Callable[[str, str, str], None]
"""Told of each write: the path, the text, and what stands there now."""


class Rehearsal:
    """``tree`` as it would be after what was written here; ``on_write`` hears of each write."""

    def __init__(self, tree: Tree, on_write: OnWrite) -> None:
        self._tree, self._on_write = tree, on_write
        self._written: dict[str, str] = {}

    def read(self, path: str) -> str:
        """Return the text at ``path``, without space at its ends."""
        return self._written[path] if path in self._written else self._tree.read(path)

    def write(self, path: str, text: str) -> None:
        """Remember ``text`` for ``path``."""
        before = ""
        with suppress(FileNotFoundError):  # what a governor would bring along
            before = self.read(path)
        self._on_write(path, text, before)
        self._written[path] = text

    def names(self, folder: str) -> tuple[str, ...]:
        """Return what is in ``folder``, sorted."""
        return self._tree.names(folder)
