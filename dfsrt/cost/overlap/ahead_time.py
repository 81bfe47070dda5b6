"""How much of each layer's memory time has passed before it begins."""

from __future__ import annotations

import numpy as np

from dfsrt.base.arrays import Floats


def ahead_ns(ahead: Floats, compute: Floats, memory: Floats, launch: Floats) -> Floats:
    """Return the memory time of each layer that passes while the one before runs.

    ``(n_layers, n_levels)``, as are ``ahead``, the time of the bytes that may come early,
    ``compute`` and ``memory``; ``launch`` is ``(n_layers, 1)`` or as the others. The memory is free
    for it when the layer's own bytes have come, and while it is launched: a layer takes its launch
    and the longer of its work and of those of its bytes that have not come yet.

    Limits: the layer before is taken to run at the same level. Where a governor gave it a slower
    one, more could come; where a faster one, less.
    """
    early = np.zeros_like(memory)
    for i in range(1, len(memory)):
        left = memory[i - 1] - early[i - 1]
        free = np.maximum(compute[i - 1], left) + launch[i - 1] - left
        early[i] = np.minimum(np.minimum(ahead[i], memory[i]), free)
    return early
