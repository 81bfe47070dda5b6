"""Keeping on disk what was worked out once: bytes by key, which heal where they are damaged."""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from dfsrt.base.cache_folder import cache_root, read_kept, throw_away, why_unusable
from dfsrt.base.installed import installed
from dfsrt.base.sources import package_digest

Value = TypeVar("Value")

_MARK = b"dfsrt kept 1\n"
_HEAD_BYTES = len(_MARK) + hashlib.sha256().digest_size


class Keep:
    """Bytes by key in a folder ``name`` of the cache, of ``most_bytes`` in all: those used last.

    What this version of dfsrt and Python wrote is found again by them alone, for as long as no
    source file of the package changes. Writing is atomic; a file that is damaged, cut off or
    another's is thrown away with a line on standard error, and written anew. Nothing here ever
    fails: where nothing can be kept, nothing is.
    """

    def __init__(self, name: str, most_bytes: int) -> None:
        self._name, self._most_bytes = name, most_bytes

    @property
    def folder(self) -> Path:
        """Where it lies."""
        return cache_root() / self._name

    def why_not(self) -> str:
        """Return why nothing can be kept, in a few words; nothing where it can."""
        return why_unusable(cache_root()) or why_unusable(self.folder)

    def get(self, *key: str) -> bytes | None:
        """Return what was put under ``key``; None where there is nothing that can be believed."""
        name = None if self.why_not() else self._digest(key)
        if name is None:
            return None
        path = self.folder / name.hex()
        content = read_kept(path)
        if content is None:
            return None
        head, value = content[:_HEAD_BYTES], content[_HEAD_BYTES:]
        if head != _head(name, value):
            throw_away(path)
            return None
        with suppress(OSError):
            os.utime(path)  # used now
        return value

    def get_as(self, decode: Callable[[bytes], Value], *key: str) -> Value | None:
        """Return what ``decode`` makes of what was put under ``key``; None where it is not that."""
        kept = self.get(*key)
        try:
            return None if kept is None else decode(kept)
        except (ValueError, TypeError, LookupError, EOFError):  # whole, but another thing
            name = self._digest(key)
            if name is not None:
                throw_away(self.folder / name.hex())
            return None

    def put(self, *key: str, value: bytes) -> bool:
        """Keep ``value`` under ``key``; return whether it could be."""
        name = None if self.why_not() else self._digest(key)
        if name is None or len(value) > self._most_bytes:
            return False
        try:
            self._write(self.folder / name.hex(), _head(name, value) + value)
            self._remove_oldest()
        except OSError:
            return False
        return True

    def _digest(self, key: tuple[str, ...]) -> bytes | None:
        """Return the digest of ``key`` under this version; None where no digest stands for it."""
        package = package_digest(cache_root() / "sources")
        if package is None:
            return None
        parts = (package, sys.version, installed("numpy"), self._name, *key)
        return hashlib.sha256("\n".join(map(repr, parts)).encode()).digest()

    def _write(self, path: Path, content: bytes) -> None:
        handle, beside = tempfile.mkstemp(dir=path.parent, prefix=".")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            Path(beside).replace(path)
        finally:
            Path(beside).unlink(missing_ok=True)

    def _remove_oldest(self) -> None:
        total = 0
        for path, size in self._newest_first():
            total += size
            if total > self._most_bytes:
                with suppress(OSError):  # another process may clean at the same time
                    path.unlink()

    def _newest_first(self) -> Iterator[tuple[Path, int]]:
        with os.scandir(self.folder) as entries:
            files = [(e.stat(follow_symlinks=False), Path(e.path)) for e in entries if _is_file(e)]
        for status, path in sorted(files, key=lambda f: f[0].st_mtime_ns, reverse=True):
            yield path, status.st_size


def _is_file(entry: os.DirEntry[str]) -> bool:
    return entry.is_file(follow_symlinks=False)


def is_intact(path: Path) -> bool:
    """Return whether a file that a ``Keep`` wrote is as it was written.

    Raises:
        OSError: it cannot be read.
        ValueError: no name of such a file.
    """
    content, name = path.read_bytes(), bytes.fromhex(path.name)
    return content[:_HEAD_BYTES] == _head(name, content[_HEAD_BYTES:])


def _head(name: bytes, value: bytes) -> bytes:
    """What stands before ``value``: a digest of it and of what it is kept under."""
    return _MARK + hashlib.sha256(name + value).digest()
