"""Where clusters on a line start: at even distances or ranks, or by the best cuts."""

from __future__ import annotations

import numpy as np

from dfsrt.base.arrays import Floats, Ints, Singles

CUTS = 256
"""Places between which clusters may be cut, of even ranks; as many of even distances."""
MOST = 32
"""Clusters up to which the best cuts are searched."""


def best_cuts(values: Singles, sums: Floats, count: int) -> Floats:
    """Return centers ``(count,)`` of the best clusters that are cut at some places alone.

    ``values`` are sorted, ``(n_values,)``, ``sums`` those before each place, ``(n_values + 1,)``.
    A cluster explains its sum squared over its size; the best of the first clusters and one more
    are the best of one more cluster.

    Source: Bellman, A note on cluster analysis and dynamic programming (1973).
    Limits: the least squared error of all where values are no more than ``CUTS``.
    """
    places = _places(values)
    sizes = places[None, :] - places[:, None]
    parts = sums[places][None, :] - sums[places][:, None]
    explains = np.where(sizes > 0, parts**2 / np.maximum(sizes, 1), -np.inf)
    best, froms = explains[0], []
    for _ in range(count - 1):
        choices = best[:, None] + explains
        froms.append(choices.argmax(axis=0))
        best = choices[froms[-1], np.arange(len(places))]
    ends = [len(places) - 1]
    for step in reversed(froms):
        ends.append(int(step[ends[-1]]))
    edges = places[[0, *reversed(ends)]]
    centers: Floats = np.diff(sums[edges]) / np.maximum(np.diff(edges), 1)
    return centers


def _places(values: Singles) -> Ints:
    """Places where clusters may be cut, from 0 to all, none between equal values if it can be."""
    ranks = np.linspace(0, len(values), min(CUTS, len(values)) + 1).astype(np.int64)
    even = np.linspace(values[0], values[-1], CUTS, dtype=np.float32)
    places: Ints = np.union1d(ranks, np.searchsorted(values, even))
    return places


def between(low: Floats, span: Floats, at_ranks: Floats, share: float) -> Floats:
    """Return centers ``(n_rows, n_centers)``: even distances, those of even ranks, or between them.

    ``at_ranks`` are values at even ranks, ``(n_rows, n_centers)``, ``share`` how much they count.
    """
    even = low[:, None] + span[:, None] * np.linspace(0, 1, at_ranks.shape[1])
    starts: Floats = (1 - share) * even + share * at_ranks
    return starts
