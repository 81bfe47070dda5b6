"""Where a frame may be said to begin: boundaries of which one has the rail settled."""

from __future__ import annotations

import numpy as np

from dfsrt.governor.optimum.space import Space


def first_layers(space: Space) -> list[int]:
    """Return layers before one of which, in every frame that repeats, the rail has settled.

    A rail that is commanded before a run of layers that outlasts any move has settled after its
    last. The shortest such run is taken; all layers where a frame is shorter than a move. With a
    period in the view a frame begins with the first layer, the rail settled.
    """
    n = space.n
    if space.view.period_ns is not None or space.longest_ns == 0:
        return [0]
    total = np.concatenate(([0], np.cumsum(np.tile(space.least_ns, 2))))
    # From layer i on, so many layers take the longest move or more.
    need = np.searchsorted(total, total[:n] + space.longest_ns) - np.arange(n)
    shortest = int(need.min())
    if shortest >= n:
        return list(range(n))
    first = int(np.argmin(need))
    return [(first + 1 + i) % n for i in range(shortest)]
