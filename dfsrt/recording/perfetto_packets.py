"""The packets of a Perfetto trace, one by one: a file is never in memory as a whole."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from dfsrt.recording.left_out import LeftOut
from dfsrt.recording.source import check_file, opened
from dfsrt.recording.unpacked import RecordingFile

MAX_PACKET = 16 << 20
"""Bytes of one packet at most: parsed, bytes made for it take some thirty times their size."""
MAX_INFLATED = 64 << 20
"""Bytes that the compressed packets of one packet may come to."""
_TAG = b"\x0a"
"""Field 1, with a length: every packet of a trace begins so."""
_LONGEST_HEAD = 11


def packets(path: Path, left_out: LeftOut, about: dict[str, str]) -> Iterator[tuple[int, bytes]]:
    """Yield each packet with the byte that it begins at; what is too large or cut is left out.

    ``about`` gets what the file tells of how it was packed.

    Raises:
        InputError: the file cannot be read.
    """
    size = check_file(path)
    with opened(path) as file:
        yield from _walk(file, None if file.packed_by else size, left_out)
        about |= file.about()


def inflated(data: bytes, zstd: bool) -> bytes:
    """Return the content of a field of compressed packets, by zlib or by zstd.

    Raises:
        ValueError: it is broken, or comes to more than ``MAX_INFLATED``.
    """
    try:
        whole, is_whole = _zstd(data) if zstd else _zlib(data)
    except (zlib.error, OSError) as error:
        raise ValueError("has compressed packets that are broken") from error
    if not is_whole:
        raise ValueError(
            "has compressed packets that are cut short, or come to more than "
            f"{MAX_INFLATED:,} bytes, the most that is read; record it without compression"
        )
    return whole


def packets_in(data: bytes, left_out: LeftOut) -> Iterator[bytes]:
    """Yield the packets in ``data``, the content of a field of compressed ones."""
    for _, packet in _walk(BytesIO(data), len(data), left_out):
        yield packet


def _zlib(data: bytes) -> tuple[bytes, bool]:
    stream = zlib.decompressobj()
    whole = stream.decompress(data, MAX_INFLATED)
    return whole, stream.eof and not stream.unconsumed_tail


def _zstd(data: bytes) -> tuple[bytes, bool]:
    import pyarrow as pa

    with pa.CompressedInputStream(pa.BufferReader(data), "zstd") as stream:
        whole: bytes = stream.read(MAX_INFLATED + 1)
    return whole, len(whole) <= MAX_INFLATED


def _walk(
    file: BinaryIO | RecordingFile, size: int | None, left_out: LeftOut
) -> Iterator[tuple[int, bytes]]:
    """Yield packets up to ``size``; every length is checked before anything is read by it."""
    at, head = 0, file.read(_LONGEST_HEAD)
    while head:
        used, length = _varint(head)
        end = at + used + length
        if not used or head[:1] != _TAG or (size is not None and end > size):
            left_out.add(f"no whole packet at byte {at:,}", "the rest is cut short or damaged")
            return
        if length > MAX_PACKET:
            left_out.add(
                f"the packet at byte {at:,}",
                f"has {length:,} bytes; up to {MAX_PACKET:,} are read: leave out what makes it "
                "so large",
            )
            _pass_over(file, length - len(head) + used)
            at, head = end, file.read(_LONGEST_HEAD)
            continue
        body = head[used : used + length]
        body += file.read(length - len(body))
        if len(body) < length:
            left_out.add(f"no whole packet at byte {at:,}", "the rest is cut short or damaged")
            return
        yield at, body
        rest = head[used + length :]
        at, head = end, rest + file.read(_LONGEST_HEAD - len(rest))


def _pass_over(file: BinaryIO | RecordingFile, count: int) -> None:
    while count > 0 and (piece := file.read(min(count, 1 << 20))):
        count -= len(piece)


def _varint(head: bytes) -> tuple[int, int]:
    """Return the bytes of tag and length, and the length; 0 bytes where there is none."""
    length = 0
    for index, byte in enumerate(head[1:]):
        length |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:
            return index + 2, length
    return 0, 0
