"""A workload whose layers take the times that were measured."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dfsrt.base.arrays import Floats, Ints
from dfsrt.power.workload import Workload


def timed_load(load: Workload, time_ns: Floats, level: int) -> Workload:
    """Return ``load`` with measured times, ``(n_layers,)``, that hold at a ``level`` of the clock.

    At other levels they move as the load's own times do, in the same ratio: what waits for memory
    or for a launch gets no faster. Layers whose time is NaN keep their own. Whole nanoseconds, one
    at least. Actions and bytes, and how much of a layer's time its array waits, stay as they are.
    """
    return replace(load, duration_ns=_durations(load.duration_ns, time_ns, level))


def _durations(own: Ints, time_ns: Floats, level: int) -> Ints:
    """Times of all layers at all levels, ``(n_layers, n_levels)``."""
    at = own[:, [level]]
    ratio = np.divide(own, at, out=np.ones(own.shape), where=at > 0)
    known = ~np.isnan(time_ns)[:, None]
    scaled = np.maximum(np.rint(np.nan_to_num(time_ns)[:, None] * ratio), 1.0)
    return np.where(known, scaled, own).astype(np.int64)
