"""Sizes of tiles that are worth a try."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from dfsrt.base.arrays import Ints
from dfsrt.network.axis import Axis

_TRIED_ONE_BY_ONE = 2**14
_ALL_TRIED = 2**20
_TRIED_PER_OCTAVE = 8


@lru_cache(maxsize=2**12)
def loop_sizes(size: int) -> Ints:
    """Return the sizes of a loop's tiles that make another number of steps, ``(n_sizes,)``.

    Of all that make as many the smallest takes the least room. About 2 sqrt(size), ascending.

    Limits: of loops of more than a million steps only eight sizes between each and its double.
    """
    if size > _ALL_TRIED:
        octaves = _TRIED_PER_OCTAVE * size.bit_length()
        small = np.unique(np.exp2(np.arange(octaves) / _TRIED_PER_OCTAVE).astype(np.int64))
        small = small[small <= size]
    else:
        small = np.arange(1, math.isqrt(size) + 2)
    sizes = np.unique(np.concatenate([small, -(-size // small)]))
    sizes = np.unique(-(-size // -(-size // sizes)))
    sizes.flags.writeable = False
    return sizes


@lru_cache(maxsize=2**12)
def axis_sizes(axis: Axis) -> Ints:
    """Return the sizes of tiles along an axis that are worth a try, ``(n_sizes,)``, ascending.

    Where windows overlap, a larger tile of as many steps may share less with its neighbours: the
    edge of the image cuts off what they share. So those are kept, too, that read or hold less.

    Limits: on axes longer than 16,384 only the smallest of each number of steps.
    """
    plain = loop_sizes(axis.size_out)
    if axis.reach <= axis.stride or axis.size_out > _TRIED_ONE_BY_ONE:
        return plain
    sizes = np.arange(1, axis.size_out + 1)
    most, total = axis.spans(sizes)
    steps = -(-axis.size_out // sizes)
    kept = _least_so_far(steps, total) | _least_so_far(steps, most)
    sizes = sizes[kept]
    sizes.flags.writeable = False
    return sizes


def _least_so_far(steps: Ints, amount: Ints) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return which are the first of their steps, or below all before of the same steps."""
    first = np.flatnonzero(np.diff(steps, prepend=-1))
    kept = np.zeros(len(steps), dtype=np.bool_)
    for start, stop in zip(first, [*first[1:], len(steps)], strict=True):
        group = amount[start:stop]
        before = np.minimum.accumulate(group)
        kept[start:stop] = np.concatenate([[True], group[1:] < before[:-1]])
    return kept
