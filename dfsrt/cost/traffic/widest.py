"""How many kernels a tile can have: the inverse of the room that tiles take."""

from __future__ import annotations

import numpy as np

from dfsrt.base.arrays import Ints
from dfsrt.cost.traffic.buffer import Buffer
from dfsrt.cost.traffic.crossing import Tiles, Whole, fits, room_bytes
from dfsrt.cost.traffic.nest import PARTIAL_BITS, LoopNest


def widest(nest: LoopNest, c: Whole, p: Whole, q: Whole, buffer: Buffer) -> Ints:
    """Return the most kernels with which tiles fit, 0 where not even one does.

    ``c`` ``(n_c, 1, 1)``, ``p`` ``(n_p, 1)`` and ``q`` ``(n_q,)`` broadcast, or any others that do;
    the result has their common shape. More kernels at once never cost more bytes, so no others need
    be tried. All of them may fit where fewer do not: with double buffering a tile that stays counts
    once.
    """
    kernels = np.minimum(_by_room(nest, c, p, q, buffer), nest.kernels - 1)
    while True:  # parts of a byte round up: a kernel or two too many
        fitting = fits(nest, Tiles(c, np.maximum(kernels, 1), p, q), buffer)
        over = (kernels > 0) & ~np.asarray(fitting)
        if not over.any():
            break
        kernels = kernels - over
    whole = fits(nest, Tiles(c, nest.kernels, p, q), buffer)
    return np.where(whole, nest.kernels, kernels)


def _by_room(nest: LoopNest, c: Whole, p: Whole, q: Whole, buffer: Buffer) -> Ints:
    """Return the most kernels, but not all, whose bits there is room for; rounding left out."""
    partial = np.asarray(c) < nest.channels
    results = (
        p
        * q
        * nest.line.size_out
        * np.where(partial, PARTIAL_BITS, 0 if nest.output.in_place else nest.output.bits)
    )
    weights = np.asarray(0 if nest.weight.in_place else c * nest.taps * nest.weight.bits)
    inputs = np.asarray(room_bytes(nest, Tiles(c, 1, p, q), buffer)[0])
    times = 2 if buffer.double else 1
    if buffer.split_bytes is None:
        return _share(buffer.total_bytes - inputs, times, weights + results)
    of_inputs, of_weights, of_results = buffer.split_bytes
    most = np.minimum(_share(of_weights, times, weights), _share(of_results, times, results))
    return np.where(inputs <= of_inputs, most, 0)


def _share(room: Whole, times: int, bits: Ints) -> Ints:
    """Return how often ``bits`` go into ``room`` bytes of which each kernel takes ``times``."""
    often = np.asarray(room) // times * 8 // np.maximum(bits, 1)
    free = (bits == 0) & (np.asarray(room) >= 0)
    most: Ints = np.where(free, np.iinfo(np.int64).max, np.maximum(often, 0))
    return most
