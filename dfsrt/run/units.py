"""Units: how many blocks of a cache a row's layer read, from how long it took."""

from __future__ import annotations

import numpy as np

from dfsrt.base.arrays import Ints
from dfsrt.power.table import LayerTable


def units_of(table: LayerTable, layer: Ints, level: Ints, span_ns: Ints) -> Ints:
    """Return how often each row's layer did what it is a unit of, ``(n_rows,)`` as all are.

    That is once, but for layers that stand for a block of a cache: those took so many times as
    long as one block takes.
    """
    once = np.ones(len(layer), dtype=np.int64)
    grows = (layer >= 0) & (table.grows[layer] > 0)
    if not grows.any():
        return once
    each_ns = table.duration_ns[layer, level]
    return np.where(grows & (each_ns > 0), span_ns // np.maximum(each_ns, 1), once)
