"""How zeros lie in a weight: of a few neighbours, in blocks of outputs, with what gaps."""

from __future__ import annotations

import math

import numpy as np

from dfsrt.base.arrays import Mask
from dfsrt.network.coding import GAP_BITS, index_bits

_GROUPS = sorted(range(2, 33), key=lambda size: (size not in (4, 8, 16), size))
"""Sizes of groups that are looked for; of patterns that take the same bits the first."""
_BLOCKS = range(2, 65)
"""Output channels that may be zero together."""
_LOOK = 4096
"""Elements that are looked at first; where a pattern does not hold there it holds nowhere."""


def groups_of(nonzero: Mask, bits: int) -> tuple[int, int]:
    """Return kept and group of the pattern in ``(n_outputs, n_inputs)`` that takes fewest bits.

    One that follows from how few are not zero is none, but 2 of 4, which hardware knows; 0 of 0
    where there is no pattern.
    """
    best, cost = (0, 0), float(bits)
    density = np.count_nonzero(nonzero) / nonzero.size
    for group in _GROUPS:
        if nonzero.shape[1] % group:
            continue
        kept = _most(nonzero.reshape(-1)[: _LOOK // group * group], group)
        if _cost(kept, group, bits) < cost:
            kept = _most(nonzero, group)
            even = kept <= math.ceil(density * group) or (kept, group) == (2, 4)
            if kept and even and _cost(kept, group, bits) < cost:
                best, cost = (kept, group), _cost(kept, group, bits)
    return best


def _most(nonzero: Mask, group: int) -> int:
    """The most that are not zero in a group of neighbours."""
    flat = nonzero.reshape(-1).view(np.uint8)
    counts = flat[::group].copy()
    for place in range(1, group):
        counts += flat[place::group]
    return int(counts.max(initial=0))


def _cost(kept: int, group: int, bits: int) -> float:
    return kept / group * (bits + index_bits(group))


def blocks_of(nonzero: Mask, bits: int) -> tuple[int, float]:
    """Return how many outputs are zero together in ``(n_outputs, n_inputs)``, and their share.

    0 where a bit for each block saves nothing, or less than a bit for each element does.
    """
    corner = nonzero[:128, :256]
    size = min(_BLOCKS, key=lambda b: _block_cost(corner, b, bits))
    masked = 1 + np.count_nonzero(nonzero) / nonzero.size * bits
    if _block_cost(nonzero, size, bits) >= min(masked, bits):
        return 0, 0.0
    return size, float(_in_zero_blocks(nonzero, size))


def _block_cost(nonzero: Mask, size: int, bits: int) -> float:
    return 1 / size + (1 - _in_zero_blocks(nonzero, size)) * bits


def _in_zero_blocks(nonzero: Mask, size: int) -> float:
    whole = len(nonzero) // size * size
    used = nonzero[:whole:size].copy()
    for place in range(1, size):
        used |= nonzero[place:whole:size]
    return (used.size - np.count_nonzero(used)) * size / max(nonzero.size, 1)


def fillers_of(nonzero: Mask) -> tuple[int, ...]:
    """Return the zeros to be stored so that no gap is longer than its bits count, by width.

    Elements of ``(n_outputs, n_inputs)`` row by row; behind the last nonzero none is stored.
    """
    gaps = np.diff(np.flatnonzero(nonzero.reshape(-1)), prepend=-1) - 1
    counts = np.bincount(gaps) if gaps.size else np.zeros(0, np.int64)
    lengths = np.arange(len(counts))
    return tuple(int((lengths >> bits) @ counts) for bits in GAP_BITS)
