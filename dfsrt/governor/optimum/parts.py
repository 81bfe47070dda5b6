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
        """Return the places of states in the rows of layers, of any shape: all broadcast."""
        space, part = self.space, self.part_of(left_ns)
        moving = space.points + space.move_index[from_, to] * self.parts[layer] + part - 1
        return np.asarray(np.where(part == 0, to, moving) * space.levels + level)

    def _fill(self, layers: Ints, parts: int) -> None:
        space = self.space
        each = len(space.stalls) * space.n_moves * parts * space.levels
        per = max(1, CHUNK // each)
        for first in range(0, len(layers), per):
            some = layers[first : first + per]
            found = self._runs(some, parts)
            for layer, *arrays in zip(some.tolist(), *found, strict=True):
                self.moving[layer] = Moving(*arrays)

    def _runs(self, layer: Ints, parts: int) -> tuple[Floats, Floats, Ints, Ints]:
        """The fields of ``Moving`` of some layers, ``(n,)``, which are the first axis."""
        space = self.space
        shape = (len(layer), len(space.stalls), space.n_moves, parts, space.levels)
        joules, over = np.zeros(shape), np.full(shape, np.inf)
        # Only clocks that a move's lower end can run: less than half of all.
        held = space.most[np.minimum(space.from_, space.to)]
        move, level = np.nonzero(np.arange(space.levels) <= held[:, None])
        found = self._in_motion(layer[:, None, None, None], move[:, None], level[:, None], parts)
        for whole, some in zip((joules, over), found, strict=True):
            whole[:, :, move, :, level] = np.moveaxis(some, 2, 0)
        soon = min(parts, int(self.part_of(space.stalls.max())))
        if soon:
            self._at_rest(layer, joules[:, :, :, :soon], over[:, :, :, :soon])
        joules += self._waited(layer[:, None, None, None], parts)[..., None]
        return joules, over, *self._ends(layer[:, None, None, None, None], parts)

    def _span(self, layer: Ints, part: Ints) -> tuple[Ints, Ints]:
        """The least and the most time left in parts, counted from 1."""
        low = (part - 1) * self.width + 1
        return low, np.minimum(part * self.width, self.reach_ns[layer])

    def _in_motion(self, layer: Ints, move: Ints, level: Ints, parts: int) -> tuple[Floats, Floats]:
        """Joules and what breaks the cap of runs that begin while the rail moves."""
        space, stall = self.space, self.space.stalls[:, None, None]
        from_, to, ran = space.from_[move], space.to[move], space.view.duration_ns[layer, level]
        low, high = self._span(layer, np.arange(1, parts + 1))
        # The less of a fall and the more of a climb is left, the lower is the voltage.
        left = np.where(from_ > to, np.clip(stall + 1, low, high), high)
        joules = space.watts.drawn(layer, level, stall, stall + ran, from_, to, left)
        over = space.limits.over(layer, level, stall, ran, from_, to, left, joules)
        over |= space.at_start(layer, level, to)
        return joules, np.where(high > stall, over, np.inf)

    def _at_rest(self, layers: Ints, joules: Floats, over: Floats) -> None:
        """Let the first parts run at rest where that is better: they may end within the stall."""
        space, level, to = self.space, np.arange(self.space.levels), self.space.to[:, None, None]
        layer, stall = layers[:, None, None, None, None], space.stalls[:, None, None, None]
        settles = (np.arange(joules.shape[3])[:, None] * self.width + 1 <= stall) & (
            space.may_run(level, to)
        )
        ran = space.view.duration_ns[layer, level]
        rest = space.watts.watts[layer, level, to] * ran
        breaks = space.limits.over(layer, level, stall, ran, to, to, 0 * to)
        breaks |= space.at_start(layer, level, to)
        barred = np.isinf(over)
        better = np.where(barred, rest, np.minimum(joules, rest))
        joules[:] = np.where(settles, better, joules)
        over[:] = np.where(settles, np.minimum(over, breaks), over)

    def _waited(self, layer: Ints, parts: int) -> Floats:
        """Joules of the stalls before, ``(n_layers, n_stalls, n_moves, n_parts)``."""
        space, stall = self.space, self.space.stalls[:, None, None]
        from_, to = space.from_[:, None], space.to[:, None]
        low, high = self._span(layer, np.arange(1, parts + 1))
        left = np.where(from_ > to, low, high)
        return space.watts.drawn(layer, 0 * to, 0 * stall, stall, from_, to, left)

    def _ends(self, layer: Ints, parts: int) -> tuple[Ints, Ints]:
        """The states that runs lead to, from the least and from the most time left."""
        space, level = self.space, np.arange(self.space.levels)
        stall, ran = space.stalls[:, None, None, None], space.view.duration_ns[layer, level]
        low, high = self._span(layer, np.arange(1, parts + 1)[:, None])
        near = np.where(low <= stall, 0, np.maximum(low - stall - ran, 0))
        far = np.maximum(high - stall - ran, 0)
        from_, to = space.from_[:, None, None], space.to[:, None, None]
        one, other = (self.state(layer + 1, from_, to, left, level) for left in (near, far))
        return one, other
