"""The bytes of a tile and an order of loops: the one place that has the formula.

All functions take whole numbers or arrays of them, which broadcast, so that a search asks for all
tiles at once and a report for one.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dfsrt.base.arrays import Ints
from dfsrt.cost.traffic.buffer import Buffer
from dfsrt.cost.traffic.mapping import Fetches, Mapping, Tile
from dfsrt.cost.traffic.nest import PARTIAL_BITS, LoopNest, Operand
from dfsrt.network.axis import Axis

Whole = Ints | int
Truth = NDArray[np.bool_] | np.bool_ | bool


class Crossing(NamedTuple):
    """Bytes of a product that cross to and from DRAM, in all groups and images.

    ``partials`` are sums that are not whole: so many bytes are written, and as many read back.
    """

    input: int
    weight: int
    output: int
    partials: int

    @property
    def total(self) -> int:
        """Reads and writes together."""
        return self.input + self.weight + self.output + 2 * self.partials


class Tiles(NamedTuple):
    """Sizes of many tiles, which broadcast."""

    c: Whole
    k: Whole
    p: Whole
    q: Whole


class Steps(NamedTuple):
    """Steps of the four loops."""

    c: Whole
    k: Whole
    p: Whole
    q: Whole


def steps_of(nest: LoopNest, tile: Tile | Tiles) -> Steps:
    """Return the steps of each loop; the one over rows goes through all images."""
    return Steps(
        -(-nest.channels // tile.c),
        -(-nest.kernels // tile.k),
        -(-nest.rows.size_out // tile.p) * nest.images,
        -(-nest.cols.size_out // tile.q),
    )


class Repeats(NamedTuple):
    """How often each operand crosses, for each of some tiles."""

    input: Whole
    weight: Whole
    output: Whole


def repeats(order: str, steps: Steps) -> Repeats:
    """Return how often each operand crosses: once, or once for each step that replaces it.

    A tile is replaced where its index changes from one step to the next; a loop of one step does
    not count. Source: memory.md 2.2, derived; equal to a literal walk of the loops.
    """
    return Repeats(
        input=_again("k", "cpq", order, steps),
        weight=_again("p", "ck", order, steps) * _again("q", "ck", order, steps),
        output=_again("c", "kpq", order, steps),
    )


def _again(loop: str, movers: str, order: str, steps: Steps) -> Whole:
    """Return the steps of ``loop`` if one of ``movers`` moves inside of it, else 1."""
    inside = [x for x in order[order.index(loop) + 1 :] if x in movers]
    moves: Truth = False
    for x in inside:
        moves = moves | (np.asarray(getattr(steps, x)) > 1)
    return np.where(moves, getattr(steps, loop), 1)


def by_groups(nest: LoopNest, steps: Steps, again: Repeats) -> Repeats:
    """Return how often operands cross that groups share: what is replaced comes anew for each."""
    c, k, p, q = (np.asarray(x) > 1 for x in steps)
    return Repeats(
        again.input * np.where(c | p | q, nest.input.shared_by, 1),
        again.weight * np.where(c | k, nest.weight.shared_by, 1),
        again.output,
    )


def slides_along(order: str, steps: Steps) -> tuple[Truth, Truth]:
    """Return whether input tiles follow each other along the rows, and along the columns.

    The innermost loop that moves the input decides: neighbours in it share lines.
    """
    still: Truth = True
    along: dict[str, Truth] = {}
    for loop in reversed([x for x in order if x in "cpq"]):
        moving = np.asarray(getattr(steps, loop)) > 1
        along[loop] = still & moving
        still = still & np.logical_not(moving)
    return along["p"], along["q"]


def tile_bytes(nest: LoopNest, tile: Tile | Tiles) -> tuple[Whole, Whole, Whole]:
    """Return the bytes of a tile of inputs, of weights and of results in the buffer."""
    rows, cols = _spans(nest.rows, tile.p)[0], _spans(nest.cols, tile.q)[0]
    partial = np.asarray(tile.c) < nest.channels
    bits = np.where(partial, PARTIAL_BITS, 0 if nest.output.in_place else nest.output.bits)
    lines = tile.c * rows * cols * nest.line.size_in
    inputs = 0 if nest.input.in_place else _bytes(lines, nest.input)
    weights = 0 if nest.weight.in_place else _bytes(tile.c * tile.k * nest.taps, nest.weight)
    return inputs, weights, -(-tile.k * tile.p * tile.q * nest.line.size_out * bits // 8)


def _bytes(elements: Whole, operand: Operand) -> Whole:
    return -(-elements * operand.bits // 8)


def _spans(axis: Axis, tile: Whole) -> tuple[Ints, Ints]:
    sizes = np.asarray(tile, dtype=np.int64)
    counted = _remembered if sizes.size <= _FEW else _spans_of
    most, total = counted(axis, sizes.tobytes())
    return most.reshape(sizes.shape), total.reshape(sizes.shape)


_FEW = 1024


def _spans_of(axis: Axis, sizes: bytes) -> tuple[Ints, Ints]:
    return axis.spans(np.frombuffer(sizes, dtype=np.int64))


_remembered = lru_cache(maxsize=2**12)(_spans_of)
"""A search asks for the same few sizes of the same axis again and again."""


def room_bytes(nest: LoopNest, tile: Tile | Tiles, buffer: Buffer) -> tuple[Whole, Whole, Whole]:
    """Return the room that tiles of inputs, weights and results take: twice what is replaced."""
    inputs, weights, results = tile_bytes(nest, tile)
    if not buffer.double:
        return inputs, weights, results
    c, k, p, q = (np.asarray(x) > 1 for x in steps_of(nest, tile))
    return inputs * (1 + (c | p | q)), weights * (1 + (c | k)), results * (1 + (k | p | q))


def fits(nest: LoopNest, tile: Tile | Tiles, buffer: Buffer) -> Truth:
    """Return whether a tile fits into the buffer, shared or each operand's own."""
    rooms = room_bytes(nest, tile, buffer)
    if buffer.split_bytes is None:
        return np.asarray(rooms[0] + rooms[1] + rooms[2]) <= buffer.total_bytes
    within = [np.asarray(r) <= part for r, part in zip(rooms, buffer.split_bytes, strict=True)]
    return within[0] & within[1] & within[2]


def crossing(nest: LoopNest, mapping: Mapping, lines: bool = False) -> Crossing:
    """Return the bytes of one mapping; with ``lines``, shared lines of inputs are read once."""
    if mapping.fetches is not None:
        again: Fetches | Repeats = mapping.fetches
        halos = nest.area
    else:
        steps = steps_of(nest, mapping.tile)
        again = repeats(mapping.order, steps)
        again = by_groups(nest, steps, again)
        halos = int(read_positions(nest, mapping.tile, mapping.order, steps, lines))
    spilled = nest.results * PARTIAL_BITS // 8 * (int(again.output) - 1)
    return Crossing(
        input=-(-nest.input.bytes * halos * int(again.input) // nest.area),
        weight=nest.weight.bytes * int(again.weight),
        output=nest.output.bytes,
        partials=spilled,
    )


def read_positions(
    nest: LoopNest, tile: Tile | Tiles, order: str, steps: Steps, lines: bool
) -> Whole:
    """Return the positions of one image that all tiles read together, halos included."""
    rows, cols = _spans(nest.rows, tile.p)[1], _spans(nest.cols, tile.q)[1]
    if lines:
        along_p, along_q = slides_along(order, steps)
        rows = np.where(along_p, nest.rows.covered, rows)
        cols = np.where(along_q, nest.cols.covered, cols)
    return rows * cols
