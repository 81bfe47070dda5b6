"""Sums of whole quotients of evenly spaced numbers, in closed form."""

from __future__ import annotations

import numpy as np

from dfsrt.base.arrays import Ints


def floor_sum(first: Ints, step: Ints, divisor: Ints, count: Ints) -> Ints:
    """Return the sums of ``(first + i * step) // divisor`` over ``i`` below ``count``.

    All arguments are zero or more, ``divisor`` above zero, and of one shape ``(n_sums,)``.

    Source: lattice points under a line, by Euclid's steps: as many rounds as the greatest common
    divisor of ``step`` and ``divisor`` takes.
    """
    first, step, divisor, count = (x.astype(np.int64) for x in (first, step, divisor, count))
    total = np.zeros_like(count)
    while count.any():
        total += count * (count - 1) // 2 * (step // divisor) + count * (first // divisor)
        step, first = step % divisor, first % divisor
        height = step * count + first
        count, first = height // divisor, height % divisor
        step, divisor = divisor, np.where(count > 0, step, 1)
    return total


def clipped_sum(first: Ints, step: Ints, divisor: Ints, count: Ints, top: Ints) -> Ints:
    """Return the sums of ``(first + i * step) // divisor``, clipped to 0 .. ``top``, over ``i``.

    ``i`` runs from 0 to below ``count``. All are of one shape ``(n_sums,)``; ``step`` and
    ``divisor`` are above zero, ``first`` is any number.
    """
    below = np.clip(-(first // step), 0, count)  # those under zero, of whom nothing is left
    above = np.clip(-((first - top * divisor) // step), below, count)  # the rest are ``top``
    between = floor_sum(np.maximum(first + below * step, 0), step, divisor, above - below)
    return between + top * (count - above)
