"""Parts of the time that a rail still moves: coarse ones, and fine ones where it matters."""

from __future__ import annotations

import numpy as np

from dfsrt.base.arrays import Ints
from dfsrt.governor.optimum.space import Space

COARSE = 8
"""Parts of the longest move to begin with."""
FINER = 4
"""Into so many a part is divided where it is too wide."""
DEEPEST = 4
"""How often parts are divided at most."""


class Grid:
    """The time left before each layer in parts of ``width_ns``, counted from 1; 0 is settled.

    Before each layer and in each move the parts are shifted, so that a run at the usual clock of
    a ramp leads from a whole part into a whole part: nothing is lost by not knowing where in it
    the rail is. ``depth`` ``(n_layers,)`` says how often the parts before a layer are divided.

    ``parts`` ``(n_layers + 1,)`` is how many there are; the last is that of the layer after the
    last, the first once more.
    """

    def __init__(self, space: Space, depth: Ints) -> None:
        self.depth = np.minimum(depth, DEEPEST)
        finest = max(1, -(-space.longest_ns // (COARSE * FINER**DEEPEST)))
        width = finest * FINER ** (DEEPEST - self.depth)
        self.width_ns = np.append(width, width[0])
        reach = np.array([space.reach_ns(layer) for layer in range(space.n)])
        self._reach_ns = np.append(reach, reach[0])
        begin = np.cumsum(usual_ns(space), axis=0)
        begin = np.concatenate([0 * begin[:1], begin])
        begin[-1] = 0
        shift_ns = begin % self.width_ns[:, None]
        parts = -(-(self._reach_ns + shift_ns.max(axis=1, initial=0)) // self.width_ns)
        # A last column for what is no move.
        self._shift_ns = np.pad(shift_ns, ((0, 0), (0, 1)))
        self.parts = np.where(self._reach_ns > 0, parts, 0)

    def part_of(self, layer: Ints, move: Ints, left_ns: Ints) -> Ints:
        """Return the parts that times before layers fall into, of any shape: all broadcast."""
        width = self.width_ns[layer]
        shifted = left_ns + (width - 1 + self._shift_ns[layer, move])
        return np.asarray(np.where(left_ns > 0, shifted // width, 0))

    def span(self, layer: Ints, move: Ints, part: Ints) -> tuple[Ints, Ints]:
        """Return the least and the most time left in parts, of any shape: all broadcast.

        Where a part is later than any rail moves they are the longest time.
        """
        reach_ns, width = self._reach_ns[layer], self.width_ns[layer]
        last = part * width - self._shift_ns[layer, move]
        return np.clip(last - width + 1, 1, reach_ns), np.minimum(last, reach_ns)


def usual_ns(space: Space) -> Ints:
    """Return how long layers take in ramps, ``(n_layers, n_moves)``.

    At the fastest clock that keeps the cap at both ends of a move, else at the lowest.
    """
    fits = space.view.fits()
    level = np.arange(space.levels)[:, None]
    both = fits[:, :, space.from_] & fits[:, :, space.to]
    both &= space.may[np.minimum(space.from_, space.to)].T
    fastest = np.where(both, level, 0).max(axis=1)
    return np.take_along_axis(space.view.duration_ns, fastest, axis=1)
