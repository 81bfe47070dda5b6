"""Latencies of any number of requests in bounded memory."""

from __future__ import annotations

from typing import Any

import numpy as np

from dfsrt.base.arrays import Floats, Ints

MOST_DISTINCT = 65_536
"""Distinct values that are kept; beyond, values are rounded to ten binary digits, 0.1 %."""
PER_OCTAVE = 8
"""Bins of the histogram for each doubling of latency."""


class Latencies:
    """Counts of distinct latencies: percentiles are exact until there are too many of them."""

    def __init__(self) -> None:
        self._values: Ints = np.empty(0, dtype=np.int64)
        self._counts: Ints = np.empty(0, dtype=np.int64)
        self.rounded = False

    def __len__(self) -> int:
        """Latencies taken in."""
        return int(self._counts.sum())

    def add(self, latency_ns: Ints) -> None:
        """Take in latencies of any order."""
        values, counts = np.unique(latency_ns, return_counts=True)
        self._merge(np.concatenate([self._values, values]), np.concatenate([self._counts, counts]))
        if len(self._values) > MOST_DISTINCT:
            self.rounded = True
            self._merge(_round(self._values), self._counts)

    def _merge(self, values: Ints, counts: Ints) -> None:
        self._values, self._counts = _summed(values, counts)

    def percentiles_s(self, *shares: float) -> list[float]:
        """Return percentiles in seconds, linear between neighbours as numpy's are."""
        ends = np.cumsum(self._counts)
        found = []
        for share in shares:
            place = share / 100 * (int(ends[-1]) - 1)
            low, part = int(place), place - int(place)
            at = np.searchsorted(ends, [low, min(low + 1, int(ends[-1]) - 1)], side="right")
            left, right = (float(v) for v in self._values[at])
            found.append((left + part * (right - left)) * 1e-9)
        return found

    def histogram(self) -> list[tuple[float, int]]:
        """Return (upper edge in seconds, requests) of the bins that are not empty."""
        number = np.ceil(PER_OCTAVE * np.log2(np.maximum(self._values, 1)) - 1e-9)
        edges, counts = _summed(number, self._counts)
        upper: Floats = 2 ** (edges / PER_OCTAVE) * 1e-9
        return list(zip(upper.tolist(), counts.tolist(), strict=True))


def _summed(values: Any, counts: Ints) -> tuple[Any, Ints]:
    """Return the distinct values, and for each the sum of its counts."""
    distinct, where = np.unique(values, return_inverse=True)
    sums = np.zeros(len(distinct), dtype=np.int64)
    np.add.at(sums, where, counts)
    return distinct, sums


def _round(values: Ints) -> Ints:
    """Keep ten binary digits of each value."""
    exponent = np.maximum(np.floor(np.log2(np.maximum(values, 1))).astype(np.int64) - 9, 0)
    return np.asarray(((values + (1 << exponent) // 2) >> exponent) << exponent)
