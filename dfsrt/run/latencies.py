"""Latencies of any number of requests in bounded memory."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from dfsrt.base.arrays import Floats, Ints

Number = TypeVar("Number", np.int64, np.float64)

MOST_DISTINCT = 2**20
"""Distinct values that are held; beyond, values are rounded to ten binary digits, 0.1 %."""
PENDING_VALUES = 2**16
"""Values that are taken in before they are counted."""
PER_OCTAVE = 8
"""Bins of the histogram for each doubling of latency."""


class Latencies:
    """Counts of distinct times: percentiles are exact until there are too many of them.

    ``rounded`` says that there were. Mean and maximum are always exact.
    """

    def __init__(self) -> None:
        self._values: Ints = np.empty(0, dtype=np.int64)
        self._counts: Ints = np.empty(0, dtype=np.int64)
        self._pending: list[Ints] = []
        self._n_pending = 0
        self._number = self._sum_ns = 0
        self._max_ns = 0
        self.rounded = False

    def __len__(self) -> int:
        """Times taken in."""
        return self._number

    @property
    def mean_s(self) -> float:
        """The mean."""
        return self._sum_ns / self._number * 1e-9

    @property
    def max_s(self) -> float:
        """The longest."""
        return self._max_ns * 1e-9

    def add(self, times_ns: Ints, each: int = 1) -> None:
        """Take in times of any order, ``(n,)``, so many of ``each``."""
        if len(times_ns) == 0:
            return
        self._number += len(times_ns) * each
        self._sum_ns += int(times_ns.sum()) * each
        self._max_ns = max(self._max_ns, int(times_ns.max()))
        if each > 1:
            self._count_in(times_ns, each)
            return
        self._pending.append(times_ns)
        self._n_pending += len(times_ns)
        if self._n_pending >= PENDING_VALUES:
            self._count()

    def percentiles_s(self, *shares: float) -> list[float]:
        """Return percentiles in seconds, linear between neighbours as numpy's are."""
        self._count()
        ends = np.cumsum(self._counts)
        percentiles = []
        for share in shares:
            rank = share / 100 * (int(ends[-1]) - 1)
            low, part = int(rank), rank - int(rank)
            at = np.searchsorted(ends, [low, min(low + 1, int(ends[-1]) - 1)], side="right")
            left, right = (float(v) for v in self._values[at])
            percentiles.append((left + part * (right - left)) * 1e-9)
        return percentiles

    def histogram(self) -> list[tuple[float, int]]:
        """Return (upper edge in seconds, requests) of the bins that are not empty."""
        self._count()
        number = np.ceil(PER_OCTAVE * np.log2(np.maximum(self._values, 1)) - 1e-9)
        edges, counts = _summed(number, self._counts)
        upper: Floats = 2 ** (edges / PER_OCTAVE) * 1e-9
        return list(zip(upper.tolist(), counts.tolist(), strict=True))

    def _count(self) -> None:
        """Count what is pending."""
        if self._pending:
            times_ns = np.concatenate(self._pending)
            self._pending, self._n_pending = [], 0
            self._count_in(times_ns, 1)

    def _count_in(self, times_ns: Ints, each: int) -> None:
        """Count times, so many of ``each``; round where there are too many distinct values."""
        values, counts = np.unique(times_ns, return_counts=True)
        counts = np.concatenate([self._counts, counts * each])
        self._merge(np.concatenate([self._values, values]), counts)
        if len(self._values) > MOST_DISTINCT:
            self.rounded = True
            self._merge(_round(self._values), self._counts)

    def _merge(self, values: Ints, counts: Ints) -> None:
        distinct, sums = _summed(values, counts)
        self._values, self._counts = distinct.astype(np.int64), sums


def _summed(values: NDArray[Number], counts: Ints) -> tuple[NDArray[Number], Ints]:
    """Return the distinct values, and for each the sum of its counts, ``(n_distinct,)``."""
    distinct, where = np.unique(values, return_inverse=True)
    sums = np.zeros(len(distinct), dtype=np.int64)
    np.add.at(sums, where, counts)
    return distinct, sums


def _round(values: Ints) -> Ints:
    """Keep ten binary digits of each value."""
    exponent = np.maximum(np.floor(np.log2(np.maximum(values, 1))).astype(np.int64) - 9, 0)
    return np.asarray(((values + (1 << exponent) // 2) >> exponent) << exponent)
