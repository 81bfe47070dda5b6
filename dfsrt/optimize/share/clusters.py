"""Clusters on a line: Lloyd's iteration on sorted values, by prefix sums.

Sums over a cluster are differences of prefix sums, so that a pass takes a search for each border,
not a visit of each value; all rows at once.

Source: Lloyd, Least squares quantization in PCM (IEEE Trans. Inf. Theory 28(2), 1982); a linear
start, Han, Mao, Dally (arXiv 1510.00149), section 3.2.
Limits: a local optimum: of up to 32 clusters of one row from the best cuts at some hundred places,
else the best of three starts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from dfsrt.base.arrays import Floats, Ints, Singles
from dfsrt.optimize.share.starts import MOST, best_cuts, between

PASSES = 100
STARTS = (0.0, 0.5, 1.0)
"""Between values at even distances and values at even ranks."""


@dataclass(frozen=True, slots=True)
class SortedRows:
    """Rows of sorted values ``(n_rows, n_values)``, of which each has ``counts``, with their sums.

    ``sums`` has shape ``(n_rows, n_values + 1)``. ``keys`` are all values one behind another,
    each row above the one before it: one search finds places in all rows.
    """

    values: Singles
    counts: Ints
    sums: Floats
    keys: Floats | Singles
    low: Floats
    span: Floats

    @classmethod
    def of(cls, rows: Singles, skip_zeros: bool) -> SortedRows:
        """Sort rows ``(n_rows, n_values)``, without their zeros if so asked."""
        values = np.where(rows == 0, np.float32(np.inf), rows) if skip_zeros else rows.copy()
        values.sort(axis=1)
        counts = np.isfinite(values).sum(axis=1)
        each = np.arange(len(rows))
        last = values[each, np.maximum(counts - 1, 0)]
        if skip_zeros:
            values = np.minimum(values, np.where(counts, last, 0)[:, None])
        sums = np.zeros((len(rows), values.shape[1] + 1))
        np.cumsum(values, axis=1, dtype=np.float64, out=sums[:, 1:])
        low, span = values[:, 0].astype(float), (values[:, -1] - values[:, 0]).astype(float)
        own = cls(values, counts, sums, values.reshape(-1), low, np.where(span > 0, span, 1.0))
        return own if len(rows) == 1 else own._keyed()

    def _keyed(self) -> SortedRows:
        every = np.arange(len(self.values))
        keys = self._key(self.values.astype(np.float64), every).reshape(-1)
        return replace(self, keys=keys)

    def _key(self, values: Floats, rows: Ints) -> Floats:
        """Values ``(n_rows, n)`` between twice the row's number and one more."""
        scaled = (values - self.low[rows, None]) / self.span[rows, None]
        keys: Floats = np.clip(scaled, 0, 1) + 2.0 * rows[:, None]
        return keys

    def edges(self, centers: Floats, rows: Ints) -> Ints:
        """Return where the clusters of some rows begin and end, ``(n_rows, n_centers + 1)``."""
        borders = (centers[:, 1:] + centers[:, :-1]) / 2
        if len(self.values) == 1:
            places = np.searchsorted(self.keys, borders.astype(np.float32))
        else:
            first = rows[:, None] * self.values.shape[1]
            places = np.searchsorted(self.keys, self._key(borders, rows)) - first
        counts = self.counts[rows, None]
        return np.hstack([np.zeros_like(counts), np.minimum(places, counts), counts])


def centers_of(rows: Singles, count: int, skip_zeros: bool) -> Floats:
    """Return ``count`` centers for each row, ``(n_rows, count)`` of ``(n_rows, n_values)``, sorted.

    With ``skip_zeros`` zeros belong to none of them.
    """
    ordered = SortedRows.of(rows, skip_zeros)
    best, most = np.zeros((len(rows), count)), np.full(len(rows), -1.0)
    for start in _starts(ordered, count):
        centers, explained = _settled(ordered, start)
        better = explained > most
        best[better], most[better] = centers[better], explained[better]
    return best


def _starts(rows: SortedRows, count: int) -> Iterator[Floats]:
    """Centers to start from, ``(n_rows, count)``."""
    filled = int(rows.counts[0])
    if len(rows.values) == 1 and count <= min(MOST, filled):
        yield best_cuts(rows.values[0, :filled], rows.sums[0], count)[None]
        return
    steps = (np.arange(count) + 0.5) / count
    ranks = np.minimum((steps * rows.counts[:, None]).astype(np.int64), rows.values.shape[1] - 1)
    at_ranks = np.take_along_axis(rows.values, ranks, axis=1).astype(np.float64)
    for share in STARTS:
        yield between(rows.low, rows.span, at_ranks, share)


def _settled(ordered: SortedRows, centers: Floats) -> tuple[Floats, Floats]:
    """Return centers that no pass moves any more, and by row the squares that they explain."""
    explained = np.zeros(len(centers))
    moving = np.arange(len(centers))
    before = np.full((len(centers), centers.shape[1] + 1), -1)
    for _ in range(PASSES):
        edges = ordered.edges(centers[moving], moving)
        sizes = np.diff(edges, axis=1)
        sums = np.diff(ordered.sums[moving[:, None], edges], axis=1)
        centers[moving] = np.where(sizes > 0, sums / np.maximum(sizes, 1), centers[moving])
        explained[moving] = (sums**2 / np.maximum(sizes, 1)).sum(axis=1)
        changed = (edges != before[moving]).any(axis=1)
        before[moving] = edges
        moving = moving[changed]
        if not moving.size:
            break
    return centers, explained
