"""The least bytes of all tiles and all orders of loops, exactly, and quickly.

Given the channels, rows and columns of a tile, only the most kernels that fit matter. And of the 24
orders only those that have the loops that move one operand outside of all others: whatever moves
inside them, it crosses once, and no other order lets more than one of the three do so unless fewer
loops move. Source: derived; equal to the search of everything, in tests.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import cast

import numpy as np

from dfsrt.base.arrays import Ints
from dfsrt.cost.mapper.sizes import axis_sizes, loop_sizes
from dfsrt.cost.traffic.buffer import Buffer
from dfsrt.cost.traffic.crossing import (
    Repeats,
    Steps,
    Tiles,
    by_groups,
    crossing,
    fits,
    read_positions,
    repeats,
    steps_of,
)
from dfsrt.cost.traffic.least import too_small
from dfsrt.cost.traffic.mapping import Mapping, Tile
from dfsrt.cost.traffic.nest import PARTIAL_BITS, LoopNest
from dfsrt.cost.traffic.widest import widest

_ORDERS = ("ckpq", "cpqk", "kpqc")
"""Weights, inputs, results cross once."""
_SLIDING = ("ckpq", "ckqp", "cpqk", "cqpk", "kpqc")
"""The same, with neighbours that share lines along columns or rows."""


def least_bytes(nest: LoopNest, buffer: Buffer, once: str = "") -> Mapping:
    """Return the mapping that moves the least bytes; of equal ones that of the fewest steps.

    With ``once`` only those in which that operand, ``input``, ``weight`` or ``output``, crosses
    once: each tile of inputs, each weight, each result with no partial sum. There always is one.

    Raises:
        InputError: not even the least tile fits into the buffer.
    """
    if fits(nest, nest.whole, buffer):
        return Mapping(nest.whole, _ORDERS[0])
    rows = axis_sizes(nest.rows)[:, None]
    cols = axis_sizes(nest.cols)
    best: _Best | None = None
    for channels in ([nest.channels], loop_sizes(nest.channels)):  # the first are cheap to try
        c = np.asarray(channels)[:, None, None]
        tile = Tiles(c, widest(nest, c, rows, cols, buffer), rows, cols)
        best = _best(nest, tile, buffer.lines, once)
        if best is not None and best[0] == _floor(nest):
            break
    if best is None:
        raise too_small([nest], buffer)
    return best[2]


_Best = tuple[int, int, Mapping]


def _best(nest: LoopNest, tile: Tiles, lines: bool, once: str) -> _Best | None:
    """Return the least bytes, steps and mapping of tiles whose sizes broadcast, if one is there."""
    inside = np.asarray(tile.k) > 0
    if not inside.any():
        return None
    tile = tile._replace(k=np.maximum(tile.k, 1))
    steps = steps_of(nest, tile)
    if _most_bytes(nest, steps) >= _NEVER:  # whole numbers of 64 bits cannot count them
        steps = Steps(*(cast(Ints, np.asarray(n, dtype=np.float64)) for n in steps))
    every = np.asarray(steps.c * steps.k * steps.p * steps.q)
    candidates: list[_Best] = []
    for order in _SLIDING if lines else _ORDERS:
        again = repeats(order, steps)
        allowed = inside & (np.asarray(getattr(again, once)) == 1) if once else inside
        moved = np.where(allowed, _moved(nest, tile, order, steps, again, lines), _NEVER)
        least = int(moved.min())
        if least < _NEVER:
            ties = np.flatnonzero(moved == least)
            at = int(ties[np.argmin(every.ravel()[ties])])
            candidates.append((least, int(every.ravel()[at]), Mapping(_at(nest, tile, at), order)))
    return min(candidates, key=lambda best: best[:2], default=None)


_NEVER = np.iinfo(np.int64).max


def _most_bytes(nest: LoopNest, steps: Steps) -> int:
    """Return more bytes than any mapping moves, and more steps than any takes."""
    most = math.prod(int(np.max(n)) for n in steps)
    return most * (nest.once_bytes + nest.results * PARTIAL_BITS) * nest.taps


def _at(nest: LoopNest, tile: Tiles, at: int) -> Tile:
    """Return one tile of many, with no more kernels than its steps need."""
    c, k, p, q = (int(a.ravel()[at]) for a in np.broadcast_arrays(*tile))
    return Tile(c, -(-nest.kernels // -(-nest.kernels // k)), p, q)


def _moved(
    nest: LoopNest, tile: Tiles, order: str, steps: Steps, again: Repeats, lines: bool
) -> Ints:
    """Return the bytes that tiles move in one order; results are the same for all, and left out."""
    again = by_groups(nest, steps, again)
    read = again.input * read_positions(nest, tile, order, steps, lines)
    each, rest = divmod(nest.input.bytes, nest.area)
    partials = nest.results * PARTIAL_BITS // 8
    inputs = each * read - (-rest * read // nest.area)
    return np.asarray(inputs + nest.weight.bytes * again.weight + 2 * partials * (again.output - 1))


def _floor(nest: LoopNest) -> int:
    """Return the bytes of inputs and weights that no mapping goes below."""
    read = nest.rows.covered * nest.cols.covered
    return -(-nest.input.bytes * read // nest.area) + nest.weight.bytes


def cheapest(nest: LoopNest, buffer: Buffer, operands: Sequence[str]) -> Mapping:
    """Return the best of the mappings in which one of ``operands`` crosses once; a tie: the first.

    Raises:
        InputError: not even the least tile fits into the buffer.
    """
    mappings = [least_bytes(nest, buffer, once) for once in operands]
    return min(mappings, key=lambda m: crossing(nest, m, buffer.lines).total)
