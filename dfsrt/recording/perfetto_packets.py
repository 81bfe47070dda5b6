"""The packets of a Perfetto trace, one by one: a file is never in memory as a whole."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from dfsrt.base.errors import InputError
from dfsrt.recording.source import check_file

MAX_PACKET = 16 << 20
"""Bytes of one packet at most: parsed, bytes made for it take some thirty times their size."""
MAX_INFLATED = 64 << 20
"""Bytes that the compressed packets of one packet may come to."""
_TAG = b"\x0a"
"""Field 1, with a length: every packet of a trace begins so."""
_LONGEST_HEAD = 11


def packets(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield each packet with the byte that it begins at.

    Raises:
        InputError: no Perfetto trace, or one that is cut short; the message says at which byte.
    """
    size = check_file(path)
    try:
        with path.open("rb") as file:
            yield from _walk(file, size, f"'{path}'")
    except OSError as error:
        raise InputError(f"cannot read '{path}': {error.strerror}; give a readable file") from error


def inflated(data: bytes, where: str) -> Iterator[bytes]:
    """Yield the packets in the content of a ``compressed_packets`` field.

    Raises:
        InputError: it is broken, or comes to more than ``MAX_INFLATED``.
    """
    stream = zlib.decompressobj()
    try:
        whole = stream.decompress(data, MAX_INFLATED)
    except zlib.error as error:
        raise InputError(
            f"{where} has compressed packets that are broken; record it again"
        ) from error
    if stream.unconsumed_tail or not stream.eof:
        raise InputError(
            f"{where} has compressed packets that are cut short, or come to more than "
            f"{MAX_INFLATED:,} bytes, the most that is read; record it without compression"
        )
    for _, packet in _walk(BytesIO(whole), len(whole), where):
        yield packet


def _walk(file: BinaryIO, size: int, where: str) -> Iterator[tuple[int, bytes]]:
    """Yield packets up to ``size``; every length is checked before anything is read by it."""
    at = 0
    while at < size:
        head = file.read(_LONGEST_HEAD)
        used, length = _varint(head)
        if not used or head[:1] != _TAG or at + used + length > size:
            raise InputError(
                f"{where} is no Perfetto trace, or cut short: there is no whole packet at byte "
                f"{at:,}; record it again"
            )
        if length > MAX_PACKET:
            raise InputError(
                f"{where}: the packet at byte {at:,} has {length:,} bytes; up to {MAX_PACKET:,} "
                "are read: leave out what makes it so large"
            )
        file.seek(at + used)
        yield at, file.read(length)
        at += used + length


def _varint(head: bytes) -> tuple[int, int]:
    """Return the bytes of tag and length, and the length; 0 bytes where there is none."""
    length = 0
    for index, byte in enumerate(head[1:]):
        length |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:
            return index + 2, length
    return 0, 0
