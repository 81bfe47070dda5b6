"""numba's cache of machine code, but what is damaged in it is thrown away and made again.

numba's own takes a file as it is: one that was cut off ends in a traceback, and one in which a bit
has flipped runs. Here each file begins with a digest of the rest, a file's name follows from the
arguments' types, so that processes that begin at once do not write each other's, and the folder is
private to the user: what lies in it is unpickled.
"""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from numba.core.caching import (
    CompileResultCacheImpl,
    FunctionCache,
    IndexDataCacheFile,
    UserProvidedCacheLocator,
)

from dfsrt.base.cache_folder import read_kept, throw_away, why_unusable

if TYPE_CHECKING:
    from numba.core.cpu import CPUContext

_DIGEST_BYTES = 32
_NAME_BYTES = 6


class CheckedFile(IndexDataCacheFile):
    """Index and data of one function; a file that is not as it was written is thrown away."""

    def load(self, key: object) -> object:
        """Return what was saved under ``key``; None where there is nothing that can be believed."""
        name = self._load_index().get(key)
        return None if name is None else self._load_data(name)

    def save(self, key: object, data: object) -> None:
        """Save ``data`` under ``key``, in a file that is no other key's."""
        name = self._name_of(key)
        self._save_data(name, data)
        overloads = self._load_index()
        if name != overloads.get(key):
            self._save_index({**overloads, key: name})

    def discard(self, key: object) -> None:
        """Throw away what was saved under ``key``."""
        throw_away(Path(self._data_path(self._name_of(key))))

    def _name_of(self, key: object) -> str:
        digest = hashlib.sha256(repr(key).encode()).digest()[:_NAME_BYTES]
        return str(self._data_name(int.from_bytes(digest)))

    def _load_index(self) -> dict[object, str]:
        path = Path(self._index_path)
        index = _load(path)
        match index:
            case None:
                return {}
            case (version, stamp, dict(overloads)):
                return overloads if (version, stamp) == (self._version, self._source_stamp) else {}
        throw_away(path)
        return {}

    def _save_index(self, overloads: object) -> None:
        self._write(self._index_path, (self._version, self._source_stamp, overloads))

    def _load_data(self, name: str) -> object:
        return _load(Path(self._data_path(name)))

    def _save_data(self, name: str, data: object) -> None:
        self._write(self._data_path(name), data)

    def _write(self, path: str, data: object) -> None:
        content = self._dump(data)
        with self._open_for_write(path) as file:
            file.write(hashlib.sha256(content).digest() + content)


def _load(path: Path) -> object:
    """Return what was written to ``path``; None where there is nothing, or nothing of ours."""
    content = read_kept(path)
    if content is None:
        return None
    digest, content = content[:_DIGEST_BYTES], content[_DIGEST_BYTES:]
    if digest == hashlib.sha256(content).digest():
        try:
            return pickle.loads(content)  # noqa: S301 - see above
        except Exception:  # whatever unpickling raises: a class that is gone, an end too early
            pass
    throw_away(path)
    return None


class _Locator(UserProvidedCacheLocator):
    """Where numba is told to cache, as long as that is private to the user."""

    def ensure_cache_path(self) -> None:
        """Make the folder.

        Raises:
            OSError: it cannot be made, or others may write to it.
        """
        reason = why_unusable(Path(self.get_cache_path()))
        if reason:
            raise OSError(reason)


class _Impl(CompileResultCacheImpl):
    """Machine code as numba keeps it, nowhere else."""

    _locator_classes = [_Locator]  # noqa: RUF012 - as numba declares it


class CheckedCache(FunctionCache):
    """Machine code of one function by the types of its arguments; once made, it never fails.

    ``on_compile`` is called before any is made.

    Raises:
        RuntimeError: there is no folder that can be used.
    """

    _impl_class = _Impl

    def __init__(self, function: Callable[..., object], on_compile: Callable[[], None]) -> None:
        super().__init__(function)
        self._on_compile = on_compile
        self._cache_file = self._checked = CheckedFile(
            cache_path=self._cache_path,
            filename_base=self._impl.filename_base,
            source_stamp=self._impl.locator.get_source_stamp(),
        )

    def load_overload(self, sig: object, target_context: CPUContext) -> object:
        """Return what was kept for ``sig``; None where there is nothing that can be believed."""
        try:
            found: object = super().load_overload(sig, target_context)
        except Exception:  # whatever rebuilding raises: it was whole, but another thing
            self._checked.discard(self._index_key(sig, target_context.codegen()))
            found = None
        if found is None:
            self._on_compile()
        return found

    def save_overload(self, sig: object, data: object) -> None:
        """Keep machine code where that can be done."""
        try:
            super().save_overload(sig, data)
        except OSError:  # a full disk, a folder that has gone
            return
