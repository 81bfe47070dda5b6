"""Whole layers fetched and computed as in a flow shop of two machines."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dfsrt.base.arrays import Floats


def flow_shop_ns(
    fetch_ns: Sequence[float] | Floats, compute_ns: Sequence[float] | Floats, rooms: int = 0
) -> float:
    """Return when the last layer is computed, each fetched as a whole before it is computed.

    Both are ``(n_layers,)``. Fetches follow each other, and so do layers. There is room for
    ``rooms`` layers on chip, the one that is computed among them; 0 is room for all.

    Source: Johnson, Optimal two- and three-stage production schedules, 1954, for unlimited room:
    the longest way through fetches up to some layer and the work from it on.
    """
    fetched, done = [0.0], [0.0]
    for i, (fetch, compute) in enumerate(zip(fetch_ns, compute_ns, strict=True), start=1):
        free = done[i - rooms] if rooms and i >= rooms else 0.0
        fetched.append(max(fetched[-1], free) + float(fetch))
        done.append(max(done[-1], fetched[-1]) + float(compute))
    return done[-1]


def least_ns(fetch_ns: Sequence[float] | Floats, compute_ns: Sequence[float] | Floats) -> float:
    """Return the longer of all fetches and all work, ``(n_layers,)`` each: the least there is."""
    return float(max(np.sum(fetch_ns), np.sum(compute_ns)))
