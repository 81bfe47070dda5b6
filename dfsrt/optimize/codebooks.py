"""Values that a weight's elements share: one code book, or one for each output."""

from __future__ import annotations

import numpy as np

from dfsrt.network.coding import index_bits
from dfsrt.optimize.arrays import Array

MOST_VALUES = 256
"""Distinct values up to which a tensor counts as one with a code book."""
_LOOK = 4096
_ROWS = 8


def codebooks_of(matrix: Array, nonzero: int, bits: int) -> tuple[int, int]:
    """Return values of a code book and how many there are, of ``(n_outputs, n_inputs)``.

    0 and 1 where elements of so many ``bits``, of which ``nonzero`` are not zero, take no fewer by
    indices, the books counted: a book of values that occur once each saves nothing.
    """
    best, least = (0, 1), min(matrix.size, nonzero + -(-matrix.size // bits)) * bits
    for values, books in ((_distinct(matrix), 1), (_distinct_of_rows(matrix), len(matrix))):
        size = index_bits(values)
        indices = min(matrix.size * size, matrix.size + nonzero * size)
        if values and indices + values * books * bits < least:
            best, least = (values, books), indices + values * books * bits
    return best


def _distinct(matrix: Array) -> int:
    """Distinct values of all, 0 where they are more than a code book has."""
    some = matrix[:: max(len(matrix) // _ROWS, 1), : _LOOK // _ROWS]
    if len(np.unique(some)) > MOST_VALUES:
        return 0
    count = int(_steps(np.sort(matrix, axis=None).reshape(1, -1)))
    return count if count <= MOST_VALUES else 0


def _distinct_of_rows(matrix: Array) -> int:
    """Distinct values of the row that has most; 0 where they are too many for books to be small."""
    most = min(MOST_VALUES, matrix.shape[1] - 1)
    if len(matrix) < 2 or _steps(np.sort(matrix[:_ROWS], axis=1)) > most:
        return 0
    rows = max((1 << 22) // max(matrix.shape[1], 1), 1)
    starts = range(0, len(matrix), rows)
    count = max(_steps(np.sort(matrix[start : start + rows], axis=1)) for start in starts)
    return count if count <= most else 0


def _steps(rows: Array) -> int:
    """Distinct values of the sorted row that has most."""
    if not rows.size:
        return 0
    return 1 + int((rows[:, 1:] != rows[:, :-1]).sum(axis=1).max(initial=0))
