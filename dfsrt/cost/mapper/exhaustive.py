"""Exhaustive: the least bytes of all tiles and all orders of loops."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from dfsrt.base.arrays import Ints
from dfsrt.base.errors import InputError
from dfsrt.cost.mapper.mapper import EachNest
from dfsrt.cost.traffic.buffer import Buffer
from dfsrt.cost.traffic.crossing import fetches, fits, read_positions, steps_of
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
        tile = Tile(*(a[inside] for a in grid))
        best, least = None, None
        steps = steps_of(nest, tile)
        area = nest.rows.size_in * nest.cols.size_in
        for order in ORDERS:
            again = fetches(order, steps)
            read = read_positions(nest, tile, order, steps, buffer.lines)
            moved = (
                -(-nest.input.bytes * read * again.input // area)
                + nest.weight.bytes * again.weight
                + 2 * (nest.results * PARTIAL_BITS // 8) * (again.output - 1)
            )
            at = int(np.argmin(moved))
            if least is None or moved[at] < least:
                least, best = moved[at], Mapping(Tile(*(int(a[at]) for a in tile)), order)
        return best


def _sizes(size: int) -> Ints:
    return np.unique(-(-size // np.arange(1, size + 1)))
