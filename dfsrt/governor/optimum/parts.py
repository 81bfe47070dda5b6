"""States with the rail's time in coarse parts: flat tables that a sweep over the layers reads."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dfsrt.base.arrays import Floats, Ints
from dfsrt.governor.optimum.space import CHUNK, Space


@dataclass(frozen=True, slots=True)
class Moving:
    """Runs of one layer from a moving rail, ``(n_stalls, n_moves, n_parts, n_levels)``.

    Each is the best that any nanosecond of the part allows. ``one`` and ``other`` are the states
    that it leads to, in the layer's next row; the better counts.
    """

    joules: Floats
    over: Floats
    one: Ints
    other: Ints


class Parts:
    """A space with time until settled in parts of ``width`` ns: part 0 is settled.

    The states before a layer stand in one row: settled at each set point, and each move in each
    part that can be left, times the clocks. ``parts[layer]`` is how many parts there are; the
    last is that of the layer after the last, the first once more. ``after``, as ``Settled``, is
    the state that a run from a settled rail leads to, ``moving`` the runs from a moving one.
    """

    def __init__(self, space: Space, most: int) -> None:
        self.space = space
        self.width = max(1, -(-space.longest_ns // most))
        reach = np.array([space.reach_ns(layer) for layer in range(space.n)])
        self.reach_ns = np.append(reach, reach[0])
        self.parts = self.part_of(self.reach_ns)
        held, wish = np.arange(space.points)[:, None, None], np.arange(space.points)[:, None]
        layer = np.arange(space.n)[:, None, None, None, None]
        left = space.settled.left_ns
        self.after = self.state(layer + 1, held, wish, left, np.arange(space.levels))
        self.moving: list[Moving | None] = [None] * space.n
        for parts in np.unique(self.parts[:-1]).tolist():
            if parts > 0:
                self._fill(np.flatnonzero(self.parts[:-1] == parts), parts)

    def part_of(self, left_ns: Ints) -> Ints:
        """Return the parts that times fall into, of any shape."""
        return np.asarray((left_ns + self.width - 1) // self.width)

    def states(self, layer: int) -> int:
        """How many states there are before a layer."""
        space = self.space
        return int(space.levels * (space.points + space.n_moves * self.parts[layer]))

    def state(self, layer: Ints, from_: Ints, to: Ints, left_ns: Ints, level: Ints) -> Ints:
        """Return the places of states in the rows of layers; all broadcast."""
        space, part = self.space, self.part_of(left_ns)
        moving = space.points + space.move_index[from_, to] * self.parts[layer] + part - 1
        return np.asarray(np.where(part == 0, to, moving) * space.levels + level)

    def _fill(self, layers: Ints, parts: int) -> None:
        space = self.space
        each = len(space.stalls) * space.n_moves * parts * space.levels
        per = max(1, CHUNK // each)
        for first in range(0, len(layers), per):
            some = layers[first : first + per]
            found = self._runs(some[:, None, None, None, None], parts)
            for layer, *arrays in zip(some.tolist(), *found, strict=True):
                self.moving[layer] = Moving(*arrays)

    def _runs(self, layer: Ints, parts: int) -> tuple[Floats, Floats, Ints, Ints]:
        """The fields of ``Moving`` of some layers, which are the first axis."""
        space, watts = self.space, self.space.watts
        level, stall = np.arange(space.levels), space.stalls[:, None, None, None]
        from_, to = space.from_[:, None, None], space.to[:, None, None]
        part = np.arange(1, parts + 1)[:, None]
        low = (part - 1) * self.width + 1
        high = np.minimum(part * self.width, self.reach_ns[layer])
        ran = space.view.duration_ns[layer, level]
        # The less of a fall and the more of a climb is left, the lower is the voltage.
        left = np.where(from_ > to, np.clip(stall + 1, low, high), high)
        joules = watts.drawn(layer, level, stall, stall + ran, from_, to, left)
        over = space.limits.over(layer, level, stall, ran, from_, to, left)
        barred = ~space.may_run(level, np.minimum(from_, to)) | (high <= stall)
        joules, broken = np.where(barred, np.inf, joules), np.where(barred, np.inf, over)
        # A part that ends within the stall, or may: it runs at rest.
        may_rest, settles = space.may_run(level, to), low <= stall
        rest = np.where(may_rest, watts.watts[layer, level, to] * ran, np.inf)
        rest_over = space.limits.over(layer, level, stall, ran, to, to, 0 * to)
        joules = np.where(settles, np.minimum(joules, rest), joules)
        joules = np.where(np.isfinite(joules), joules, 0.0)
        rests = np.where(may_rest, rest_over, np.inf)
        broken = np.where(settles, np.minimum(broken, rests), broken)
        waits = np.where(from_ > to, low, high)
        joules = joules + watts.drawn(layer, 0 * level, 0 * stall, stall, from_, to, waits)
        near = np.where(settles, 0, low - stall - ran)
        one = self.state(layer + 1, from_, to, np.maximum(near, 0), level)
        other = self.state(layer + 1, from_, to, np.maximum(high - stall - ran, 0), level)
        shape = (len(layer), len(space.stalls), space.n_moves, parts, space.levels)
        costs = np.broadcast_to(joules, shape), np.broadcast_to(broken, shape)
        return *costs, np.broadcast_to(one, shape), np.broadcast_to(other, shape)
