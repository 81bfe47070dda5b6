"""Exhaustive: the least bytes of all tiles and all orders of loops."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from dfsrt.base.arrays import Ints
from dfsrt.base.errors import InputError
from dfsrt.cost.mapper.mapper import EachNest
from dfsrt.cost.traffic.buffer import Buffer
from dfsrt.cost.traffic.crossing import fits, read_positions, repeats, steps_of
from dfsrt.cost.traffic.mapping import ORDERS, Mapping, Tile
from dfsrt.cost.traffic.nest import PARTIAL_BITS, LoopNest


@dataclass(frozen=True)
class Exhaustive(EachNest):
    """Try all tiles and all 24 orders of loops, and take the least bytes.

    Of all sizes of a loop only those matter that make another number of steps.
    """

    name: ClassVar[str] = "exhaustive"

    def map_nest(self, nest: LoopNest, buffer: Buffer) -> Mapping:
        """Return the mapping with the least bytes.

        Raises:
            InputError: not even the least tile fits into the buffer.
        """
        sizes = [
            _sizes(nest.channels),
            _sizes(nest.kernels),
            _sizes(nest.rows.size_out),
            _sizes(nest.cols.size_out) if nest.splits_cols else np.array([nest.cols.size_out]),
        ]
        grid = [a.ravel() for a in np.meshgrid(*sizes, indexing="ij")]
        tile = Tile(*grid)
        inside = np.broadcast_to(fits(nest, tile, buffer), grid[0].shape)
        if not inside.any():
            raise InputError("the buffer is too small")
        grid = [a[inside] for a in grid]
        moved = np.array([_bytes(nest, Tile(*grid), order, buffer) for order in ORDERS])
        order, at = np.unravel_index(int(np.argmin(moved)), moved.shape)
        c, k, p, q = (int(a[at]) for a in grid)
        return Mapping(Tile(c, k, p, q), ORDERS[order])


def _bytes(nest: LoopNest, tile: Tile, order: str, buffer: Buffer) -> Ints:
    """Return the bytes of tiles, ``(n_tiles,)`` each of their sizes, in one order."""
    steps, area = steps_of(nest, tile), nest.rows.size_in * nest.cols.size_in
    again = repeats(order, steps)
    read = read_positions(nest, tile, order, steps, buffer.lines)
    partials = nest.results * PARTIAL_BITS // 8
    inputs = -(-nest.input.bytes * read * again.input // area)
    moved = inputs + nest.weight.bytes * again.weight + 2 * partials * (again.output - 1)
    return np.broadcast_to(moved, np.shape(tile.c))


def _sizes(size: int) -> Ints:
    return np.unique(-(-size // np.arange(1, size + 1)))
