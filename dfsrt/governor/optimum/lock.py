"""How long the memory's clock is locked after a change, in parts of time."""

from __future__ import annotations

import numpy as np

from dfsrt.base.arrays import Ints
from dfsrt.governor.optimum.space import Space


class Lock:
    """The time before each layer until the memory's clock may change again, in ``most`` parts.

    Part 0 is free. With no parts at all nothing is locked: more than the device allows. As in
    ``Grid`` parts are shifted by the time that layers take at the usual clock, at each memory
    point. ``count`` ``(n_layers + 1,)`` is how many parts there are, free apart; the last is that
    of the layer after the last, the first once more.
    """

    def __init__(self, space: Space, most: int = 0) -> None:
        self.space, self.most = space, most
        self.width_ns = max(1, -(-space.delay_ns // max(most, 1)))
        reach = np.maximum(space.delay_ns - np.roll(space.least_ns, 1), 0) * (most > 0)
        self._reach_ns = np.append(reach, reach[0])
        begin = np.cumsum(_usual_ns(space), axis=0)
        begin = np.concatenate([0 * begin[:1], begin])
        begin[-1] = 0
        self._shift_ns = begin % self.width_ns
        parts = -(-(self._reach_ns + self._shift_ns.max(axis=1)) // self.width_ns)
        self.count = np.where(self._reach_ns > 0, parts, 0)

    def part_of(self, layer: Ints | int, memory: Ints, lock_ns: Ints) -> Ints:
        """Return the parts that times before layers fall into, of any shape: all broadcast."""
        parts = (lock_ns + (self.width_ns - 1 + self._shift_ns[layer, memory])) // self.width_ns
        return np.where(lock_ns > 0, np.minimum(parts, self.count[layer]), 0)

    def after(self, layer: int, late: bool) -> tuple[Ints, Ints]:
        """Return the parts after runs: with the memory as it was, and with a change before.

        By the part before they are ``(1 + n_parts, n_core_kinds, n_levels)``, and after a change
        ``(n_core_kinds, n_levels)``. Of a part the least time counts, or where ``late`` the most.
        """
        space, count, core = self.space, int(self.count[layer]), self.space.core_kinds
        part = np.arange(count + 1)[:, None, None]
        last = part * self.width_ns - self._shift_ns[layer, space.memory]
        reach = self._reach_ns[layer]
        least = np.clip(last - self.width_ns + 1, 1, max(1, reach))
        lock = np.where(part > 0, np.minimum(last, reach) if late else least, 0)
        spent = space.stall_ns[layer][:, None] + space.view.duration_ns[layer]
        stays = np.maximum(lock - spent[:core], 0)
        changed = np.maximum(space.delay_ns - spent[core:], 0)
        parts = (self.part_of(layer + 1, space.memory, left) for left in (stays, changed))
        return next(parts), next(parts)


def _usual_ns(space: Space) -> Ints:
    """How long layers take at each memory point, ``(n_layers, n_memory)``.

    At the fastest clock that keeps the cap at some voltage, else at the lowest.
    """
    shape = (space.n, space.memories, space.cores)
    fits = space.view.fits().any(axis=2).reshape(shape)
    fastest = np.where(fits, np.arange(space.cores), 0).max(axis=2, keepdims=True)
    ran = space.view.duration_ns.reshape(shape)
    return np.take_along_axis(ran, fastest, axis=2)[:, :, 0]
