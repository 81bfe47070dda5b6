"""The least buffer that a product needs, and the message where there is less."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

from dfsrt.base.errors import InputError
from dfsrt.cost.traffic.buffer import Buffer
from dfsrt.cost.traffic.crossing import room_bytes
from dfsrt.cost.traffic.mapping import Tile
from dfsrt.cost.traffic.nest import LoopNest

Rooms = tuple[int, int, int]


def least_rooms(nest: LoopNest, buffer: Buffer) -> Rooms:
    """Return the bytes of inputs, weights and results of the tile that is nearest to fitting.

    A tile that is whole may take less than a smaller one: its results are no partial sums, and with
    double buffering what stays counts once.
    """
    tiles = product(*((1, size) for size in nest.whole))
    rooms = [tuple(int(r) for r in room_bytes(nest, Tile(*tile), buffer)) for tile in tiles]
    return min(((i, w, o) for i, w, o in rooms), key=lambda r: (_missing(r, buffer), sum(r)))


def _missing(rooms: Rooms, buffer: Buffer) -> int:
    if buffer.split_bytes is None:
        return sum(rooms)
    return sum(max(r - part, 0) for r, part in zip(rooms, buffer.split_bytes, strict=True))


def has_room(nest: LoopNest, buffer: Buffer) -> bool:
    """Tell whether any tile of a product fits into a buffer."""
    rooms = least_rooms(nest, buffer)
    if buffer.split_bytes is None:
        return sum(rooms) <= buffer.total_bytes
    return not _missing(rooms, buffer)


def too_small(nests: Sequence[LoopNest], buffer: Buffer, kept_bytes: int = 0) -> InputError:
    """Return the error for a ``buffer`` that not even the least tile of one of ``nests`` fits.

    It says what does for all of them, beside ``kept_bytes`` of maps that stay on chip.
    """
    rooms = [least_rooms(nest, buffer) for nest in nests]
    if buffer.split_bytes is None:
        given = str(buffer.total_bytes + kept_bytes)
        least = str(max(sum(room) for room in rooms) + kept_bytes)
    else:
        given = "+".join(str(part) for part in buffer.split_bytes)
        least = "+".join(str(max(parts)) for parts in zip(*rooms, strict=True))
    return InputError(f"no tile fits in a buffer of {given} bytes; give at least {least}")
