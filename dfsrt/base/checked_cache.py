"""numba's cache of machine code, but what is damaged in it counts as absent.

numba's own takes a file as it is: one that was cut off ends in a traceback, and one in which a bit
has flipped runs. Here each file begins with a digest of the rest.
"""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Callable
from pathlib import Path

from numba.core.caching import FunctionCache, IndexDataCacheFile

_DIGEST_BYTES = 32


class CheckedFile(IndexDataCacheFile):
    """Index and data of one function; a file that is not as it was written holds nothing."""

    def _load_index(self) -> object:
        content = _read(Path(self._index_path))
        if content is None:
            return {}
        version, stamp, overloads = pickle.loads(content)  # noqa: S301 - by its digest, our own
        return overloads if (version, stamp) == (self._version, self._source_stamp) else {}

    def _save_index(self, overloads: object) -> None:
        self._write(self._index_path, (self._version, self._source_stamp, overloads))

    def _load_data(self, name: str) -> object:
        content = _read(Path(self._data_path(name)))
        if content is None:
            raise OSError("damaged or absent")  # which load() takes for absent
        return pickle.loads(content)  # noqa: S301 - by its digest, our own

    def _save_data(self, name: str, data: object) -> None:
        self._write(self._data_path(name), data)

    def _write(self, path: str, data: object) -> None:
        content = self._dump(data)
        with self._open_for_write(path) as file:
            file.write(hashlib.sha256(content).digest() + content)


def _read(path: Path) -> bytes | None:
    """Return what was written to ``path``; None where it is not that, or no file at all."""
    try:
        content = path.read_bytes() if path.is_file() else b""  # a pipe would wait for ever
    except OSError:
        return None
    digest, content = content[:_DIGEST_BYTES], content[_DIGEST_BYTES:]
    return content if digest == hashlib.sha256(content).digest() else None


class CheckedCache(FunctionCache):
    """Machine code of one function by the types of its arguments; it never fails.

    ``on_compile`` is called before any is made.
    """

    def __init__(self, function: Callable[..., object], on_compile: Callable[[], None]) -> None:
        super().__init__(function)
        self._on_compile = on_compile
        self._cache_file = CheckedFile(
            cache_path=self._cache_path,
            filename_base=self._impl.filename_base,
            source_stamp=self._impl.locator.get_source_stamp(),
        )

    def load_overload(self, sig: object, target_context: object) -> object:
        """Return what was kept for ``sig``; None where there is nothing that can be believed."""
        try:
            found: object = super().load_overload(sig, target_context)
        except OSError:
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
