"""Files as their readers see them: those packed by gzip or zstd are unpacked piece by piece.

What a file is packed by is told by its first bytes, not by its name.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from dfsrt.base.errors import InputError
from dfsrt.base.reading import RAISED_BY, limit_bytes, open_raw

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

MAX_UNPACKED = 2 << 30
"""Bytes that a packed file may come to: a few kilobytes can hold as many."""
GZIP, ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_PACKED = 1 << 16
_PIECE = 1 << 12
"""Bytes that are unpacked at once: of a file that is cut short no more are lost."""


class RecordingFile(io.BufferedReader):
    """A file's bytes, unpacked; it cannot be wound back where it was packed.

    Raises, on opening:
        OSError: it cannot be read.
    Raises, on reading:
        InputError: it comes to more than ``MAX_UNPACKED`` bytes.
    """

    def __init__(self, path: Path) -> None:
        file = open_raw(path)
        head = file.read(len(ZSTD))
        self.packed_by = "gzip" if head[:2] == GZIP else "zstd" if head[:4] == ZSTD else ""
        self._pieces: _Pieces | None = None
        file.seek(0)
        if not self.packed_by:
            super().__init__(file)
            return
        self._pieces = _Pieces(file, self.packed_by, path)
        super().__init__(self._pieces)

    def about(self) -> dict[str, str]:
        """Return what a recording tells of how it was packed: nothing where it was not."""
        if self._pieces is None:
            return {}
        cut = f", cut short or damaged after {self._pieces.size:,} bytes"
        return {"packed by": self.packed_by + (cut if self._pieces.fault else "")}


class _Pieces(io.RawIOBase):
    """Unpacked bytes as a raw stream; where the packed ones are damaged it ends."""

    def __init__(self, file: io.FileIO, packed_by: str, path: Path) -> None:
        self._file, self._path, self._rest = file, path, b""
        self._source = _gzip(file) if packed_by == "gzip" else _zstd(file)
        self.size, self.fault, self._most = 0, "", limit_bytes(MAX_UNPACKED)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        room = memoryview(buffer).cast("B")
        if not self._rest:
            self._rest = self._next()
        taken = self._rest[: len(room)]
        self._rest = self._rest[len(taken) :]
        room[: len(taken)] = taken
        return len(taken)

    def _next(self) -> bytes:
        try:
            piece = next(self._source, b"")
        except (zlib.error, OSError, EOFError) as error:
            self.fault = str(error) or "it is cut short"
            piece = b""
        self.size += len(piece)
        if self.size > self._most:
            raise InputError(
                f"'{self._path}' is packed and comes to more than {self._most:,} bytes, the most "
                "that is read; cut it into shorter recordings, or set "
                f"{RAISED_BY} to a size like '4 GiB'"
            )
        return piece

    def close(self) -> None:
        self._file.close()
        super().close()


def _gzip(file: io.FileIO) -> Iterator[bytes]:
    """Yield the content of every member; what stands behind the last one is no gzip, and ignored.

    Raises EOFError where the last one has no end, and zlib.error where one is damaged.
    """
    packed = file.read(_PACKED)
    while packed[:2] == GZIP:
        stream = zlib.decompressobj(wbits=31)
        while not stream.eof:
            yield from _filled(stream.decompress(packed, _PIECE))
            packed = stream.unconsumed_tail or (b"" if stream.eof else file.read(_PACKED))
            if not packed and not stream.eof:
                raise EOFError
        packed = stream.unused_data or file.read(_PACKED)


def _filled(piece: bytes) -> Iterator[bytes]:
    """Nothing where there is nothing: an empty piece means the end."""
    if piece:
        yield piece


def _zstd(file: io.FileIO) -> Iterator[bytes]:
    """Yield the content of every frame; raises OSError where one is damaged or has no end."""
    import pyarrow as pa

    with pa.CompressedInputStream(pa.PythonFile(file, mode="r"), "zstd") as stream:
        while piece := stream.read(_PIECE):
            yield piece
