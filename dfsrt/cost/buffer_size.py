"""Sizes of a buffer as people type them: shared, a part for each operand, a list or a range."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dfsrt.base.errors import InputError
from dfsrt.base.units import parse_memory_bytes, parse_quantity

PARTS = ("inputs", "weights", "results")
"""Operands in the order of their parts."""
MOST_SIZES = 64
"""Sizes that a list or a range has at most."""
LIKE = "write it like 108KiB, or 64KiB+64KiB+64KiB for inputs, weights and results"


@dataclass(frozen=True, slots=True)
class BufferSize:
    """Bytes of a buffer that all operands share, or with ``split_bytes`` the sum of their parts."""

    total_bytes: int
    split_bytes: tuple[int, int, int] | None = None


BufferLike = str | int | Sequence[int] | BufferSize
"""Text like ``108KiB`` or ``64KiB+64KiB+64KiB``, bytes, or three numbers of them."""


def parse_buffer(size: BufferLike) -> BufferSize:
    """Return a buffer of one size, like ``108KiB``, or of three, like ``64KiB+64KiB+64KiB``.

    Three are inputs, weights and results, in that order; a bare number is bytes.

    Raises:
        InputError: no size, one that is not above 0, or neither one nor three.
    """
    if isinstance(size, BufferSize):
        return size
    if isinstance(size, str) and ("," in size or ".." in size):
        raise InputError(f"buffer '{size}' is several sizes, for 'dfsrt memory compare'; {LIKE}")
    if not isinstance(size, str | int | Sequence):
        raise InputError(f"buffer {size!r} is not a quantity of bytes; {LIKE}")
    texts = str(size).split("+") if isinstance(size, str | int) else [str(part) for part in size]
    if len(texts) not in (1, len(PARTS)):
        raise InputError(f"buffer '{size}' has {len(texts)} parts; {LIKE}")
    parts = [_bytes(text) for text in texts]
    if len(parts) == 1:
        return BufferSize(parts[0])
    return BufferSize(sum(parts), (parts[0], parts[1], parts[2]))


def parse_buffers(text: str) -> tuple[BufferSize, ...]:
    """Return the sizes of a list, ``64KiB,256KiB``, or of a range, ``64KiB..2MiB``, which doubles.

    A range ends with its upper end, which need not be a doubling of the lower one.

    Raises:
        InputError: a size that is none, a range that falls, or too many.
    """
    sizes = [size for part in text.split(",") for size in _sizes(part.strip())]
    if len(sizes) > MOST_SIZES:
        raise InputError(
            f"buffers '{text[:200]}' are {len(sizes)}; give at most {MOST_SIZES}, like 64KiB..2MiB"
        )
    return tuple(dict.fromkeys(sizes))


def _bytes(text: str) -> int:
    try:
        parse_quantity(text, "B", "buffer")
    except InputError:
        raise InputError(f"buffer '{text}' is not a quantity of bytes; {LIKE}") from None
    return parse_memory_bytes(text, "buffer")


def _sizes(text: str) -> list[BufferSize]:
    low, dots, high = text.partition("..")
    if not dots:
        return [parse_buffer(text)]
    if high.startswith("."):
        raise InputError(f"buffers '{text}' is no range; write two dots, like 64KiB..2MiB")
    first, last = _bytes(low), _bytes(high)
    if last < first:
        raise InputError(f"buffers '{text}' fall; write the smaller size first, like 64KiB..2MiB")
    sizes = [first << k for k in range((last // first).bit_length())]
    return [BufferSize(size) for size in (*sizes, *([last] if sizes[-1] != last else []))]
