"""States with the rail's time in coarse parts: flat tables that a sweep over the layers reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from dfsrt.base.arrays import Floats, Ints, Singles
from dfsrt.governor.optimum.grid import Grid
from dfsrt.governor.optimum.lock import Lock
from dfsrt.governor.optimum.space import CHUNK, Space
from dfsrt.governor.optimum.steps import States

Places: TypeAlias = NDArray[np.int32]
"""Places of states in rows."""


@dataclass(frozen=True, slots=True)
class Moving:
    """Runs of one layer from a moving rail, ``(n_kinds, n_moves, n_parts, n_levels)``.

    Each is the best that any nanosecond of the part allows, but ``sure``: ``over`` at the end
    of the part where the voltage is highest, about. ``one`` and ``other`` are the states that it
    leads to, in the layer's next row; the better counts.
    """

    joules: Floats
    over: Singles
    sure: Singles
    one: Places
    other: Places


class Parts:
    """A space with time until settled in parts of a grid: part 0 is settled.

    The states before a layer stand in one row: settled at each set point, and each move in each
    part that can be left, times the clocks; and then the same again for each part of the time that
    the memory's clock is locked (``lock``). ``parts[layer]`` is how many parts there are; the
    last is that of the layer after the last, the first once more. ``after[layer]``, as
    ``Settled``, is the state that a run from a settled rail leads to, ``moving`` the runs from a
    moving one, both where nothing is locked. What a ``coarser`` one knows is taken from there.
    """

    def __init__(
        self, space: Space, depth: Ints, coarser: Parts | None = None, lock: Lock | None = None
    ) -> None:
        """``depth`` ``(n_layers,)`` is as of ``Grid``."""
        self.space, self.lock = space, Lock(space) if lock is None else lock
        self.grid = Grid(space, depth)
        self.parts = self.grid.parts
        self.after: list[Ints] = [] if coarser is None else coarser.after.copy()
        self.moving: list[Moving | None] = [None] * space.n
        new = np.ones(space.n + 1, dtype=bool)
        if coarser is not None:
            new = coarser.grid.width_ns != self.grid.width_ns
            self.moving = coarser.moving.copy()
        self._lead(np.flatnonzero(new[1:]))
        new = new[1:] | new[:-1]
        for parts in np.unique(self.parts[:-1][new]).tolist():
            if parts > 0:
                self._fill(np.flatnonzero((self.parts[:-1] == parts) & new), parts)

    def _lead(self, layers: Ints) -> None:
        """Fill in where runs from a settled rail lead."""
        space = self.space
        held, wish = np.arange(space.points)[:, None, None], np.arange(space.points)[:, None]
        layer, left = layers[:, None, None, None, None], space.settled.left_ns[layers]
        after = self.state(layer + 1, held, wish, left, np.arange(space.levels))
        if len(layers) == space.n:
            self.after = list(after)
        else:
            for which, states in zip(layers.tolist(), after, strict=True):
                self.after[which] = states

    def states(self, layer: int) -> int:
        """How many states there are before a layer."""
        return self.free(layer) * (1 + int(self.lock.count[layer]))

    def free(self, layer: int) -> int:
        """How many states there are before a layer with the memory's clock free to change."""
        space = self.space
        return int(space.levels * (space.points + space.n_moves * self.parts[layer]))

    def runs(self, layer: int) -> int:
        """How many runs of a layer there are in a sweep."""
        space, locked = self.space, int(self.lock.count[layer])
        each = space.points**2 + space.n_moves * int(self.parts[layer])
        return (space.n_kinds + locked * space.core_kinds) * space.levels * each

    def place(self, layer: int, states: States) -> Ints:
        """Return the places of exact states in the row before a layer, ``(n,)``."""
        at = np.asarray(layer)
        place = self.state(at, states.from_, states.to, states.left_ns, states.level)
        if not self.lock.count[layer]:
            return place
        memory = self.space.memory[states.level]
        return place + self.free(layer) * self.lock.part_of(layer, memory, states.lock_ns)

    def state(self, layer: Ints, from_: Ints, to: Ints, left_ns: Ints, level: Ints) -> Ints:
        """Return the places of states in the rows of layers, of any shape: all broadcast.

        That is with the memory's clock free to change.
        """
        space, move = self.space, self.space.move_index[from_, to]
        part = self.grid.part_of(layer, move, left_ns)
        moving = space.points + move * self.parts[layer] + part - 1
        return np.asarray(np.where(part == 0, to, moving) * space.levels + level)

    def _fill(self, layers: Ints, parts: int) -> None:
        space = self.space
        each = space.n_kinds * space.n_moves * parts * space.levels
        per = max(1, CHUNK // each)
        for first in range(0, len(layers), per):
            some = layers[first : first + per]
            found = self._runs(some, parts)
            for layer, *arrays in zip(some.tolist(), *found, strict=True):
                # Copied, for a part of many layers' arrays would keep all of them.
                self.moving[layer] = Moving(*(array.copy() for array in arrays))

    def _runs(self, layer: Ints, parts: int) -> tuple[Floats, Singles, Singles, Places, Places]:
        """The fields of ``Moving`` of some layers, ``(n,)``, which are the first axis."""
        space = self.space
        shape = (len(layer), space.n_kinds, space.n_moves, parts, space.levels)
        joules, over = np.zeros(shape), np.full(shape, np.inf, dtype=np.float32)
        # Only clocks that a move's lower end can run: less than half of all.
        move, level = np.nonzero(space.may[np.minimum(space.from_, space.to)])
        found = self._in_motion(layer[:, None, None, None], move[:, None], level[:, None], parts)
        barred = [k for k, each in enumerate(layer.tolist()) if space.bars(each)]
        found[1][barred, space.core_kinds :] = np.inf
        joules[:, :, move, :, level] = np.moveaxis(found[0], 2, 0)
        over[:, :, move, :, level] = np.moveaxis(found[1], 2, 0)
        stall_ns, width = int(space.stall_ns[layer].max()), int(self.grid.width_ns[layer].min())
        if stall_ns:
            soon = min(parts, (stall_ns + 2 * width - 2) // width)
            self._at_rest(layer, joules[:, :, :, :soon], over[:, :, :, :soon])
        joules += self._waited(layer[:, None, None, None, None], parts)
        ends = self._ends(layer[:, None, None, None, None], parts)
        return joules, over, self._sure(over), *ends

    def _in_motion(
        self, layer: Ints, move: Ints, level: Ints, parts: int
    ) -> tuple[Floats, Singles]:
        """Joules and what breaks the cap of runs that begin while the rail moves."""
        space, stall = self.space, self._stalls(layer)
        from_, to, ran = space.from_[move], space.to[move], space.view.duration_ns[layer, level]
        low, high = self.grid.span(layer, move, np.arange(1, parts + 1))
        # The less of a fall and the more of a climb is left, the lower is the voltage.
        left = np.where(from_ > to, np.clip(stall + 1, low, high), high)
        joules = space.watts.drawn(layer, level, stall, stall + ran, from_, to, left)
        over = space.limits.over(layer, level, stall, ran, from_, to, left, joules)
        over |= space.at_start(layer, level, to)
        return joules, np.where(high > stall, over, np.inf).astype(np.float32)

    def _at_rest(self, layers: Ints, joules: Floats, over: Singles) -> None:
        """Let the first parts run at rest where that is better: they may end within the stall."""
        space, level, to = self.space, np.arange(self.space.levels), self.space.to[:, None, None]
        layer, stall = layers[:, None, None, None, None], self._stalls(layers)[..., None]
        move, part = np.arange(space.n_moves)[:, None, None], np.arange(joules.shape[3])[:, None]
        low, _ = self.grid.span(layer, move, part + 1)
        settles = (low <= stall) & space.may_run(level, to)
        ran = space.view.duration_ns[layer, level]
        rest = space.watts.watts[layer, level, to] * ran
        breaks = space.limits.over(layer, level, stall, ran, to, to, 0 * to)
        breaks |= space.at_start(layer, level, to)
        barred = np.isinf(over)
        better = np.where(barred, rest, np.minimum(joules, rest))
        joules[:] = np.where(settles, better, joules)
        over[:] = np.where(settles, np.minimum(over, breaks), over)

    def _sure(self, over: Singles) -> Singles:
        """What breaks the cap at the other end of each part, too: the next one begins there."""
        fall = (self.space.from_ > self.space.to)[:, None, None]
        sooner, later = np.minimum(np.arange(over.shape[3]) + 1, over.shape[3] - 1), over.copy()
        later[:, :, :, 1:] = over[:, :, :, :-1]
        other = np.where(fall, over[:, :, :, sooner], later)
        return np.asarray(np.where(np.isinf(other), over, np.maximum(over, other)))

    def _waited(self, layer: Ints, parts: int) -> Floats:
        """Joules of the stalls before, ``(n_layers, n_kinds, n_moves, n_parts, 1 or n_levels)``."""
        space, stall = self.space, self._stalls(layer)[..., None]
        from_, to = space.from_[:, None, None], space.to[:, None, None]
        move = np.arange(space.n_moves)[:, None, None]
        low, high = self.grid.span(layer, move, np.arange(1, parts + 1)[:, None])
        left = np.where(from_ > to, low, high)
        return space.watts.drawn(layer, space.calm, 0 * stall, stall, from_, to, left)

    def _stalls(self, layer: Ints) -> Ints:
        """Stalls before layers, of any shape that holds one axis: ``(n_layers, n_kinds, 1, 1)``."""
        return self.space.stall_ns[layer.ravel()][:, :, None, None]

    def _ends(self, layer: Ints, parts: int) -> tuple[Places, Places]:
        """The states that runs lead to, from the least and from the most time left."""
        space, level = self.space, np.arange(self.space.levels)
        stall, ran = self._stalls(layer)[..., None], space.view.duration_ns[layer, level]
        move = np.arange(space.n_moves)[:, None, None]
        low, high = self.grid.span(layer, move, np.arange(1, parts + 1)[:, None])
        near = np.where(low <= stall, 0, np.maximum(low - stall - ran, 0))
        far = np.maximum(high - stall - ran, 0)
        from_, to = space.from_[:, None, None], space.to[:, None, None]
        one, other = (self.state(layer + 1, from_, to, left, level) for left in (near, far))
        return one.astype(np.int32), other.astype(np.int32)
