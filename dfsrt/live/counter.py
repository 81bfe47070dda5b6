"""One counter of a recording."""

from __future__ import annotations

import numpy as np

from dfsrt.base.arrays import Floats
from dfsrt.recording import Recording

LOAD, CLOCK = "load", "frequency"
"""A board's counters in a recording."""


def counter_of(recording: Recording, name: str) -> tuple[Floats, Floats]:
    """Return times in ns and values of a counter, ``(n_samples,)`` each; empty without it."""
    c = recording.counters
    mine = c.track == (recording.texts.index(name) if name in recording.texts else -1)
    return c.time_ns[mine].astype(np.float64), c.value[mine]
