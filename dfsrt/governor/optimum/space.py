"""The states of a search, and where a run of a layer leads from each."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from dfsrt.base.arrays import Floats, Ints, Mask
from dfsrt.governor.optimum.ramped import RampedLimits, RampedWatts, ramps_of
from dfsrt.governor.view import View

CHUNK = 400_000
"""Runs that are worked out at once."""


class Space:
    """What a view asks of a search, whatever is minimised.

    A state is a clock and a rail: settled at a set point, or in one of the ``n_moves`` moves
    ``from_``, ``to`` with some nanoseconds left until it has settled; and, in a joint view, how
    long the memory's clock is locked after a change. ``stall_ns`` ``(n_layers, n_kinds)`` holds 0
    and the different stalls of the core's clock before each layer, ``core_kinds`` of them, and
    then the same with a change of the memory's clock; ``kind`` says which of them each change of
    clocks takes, ``(n_levels, n_levels)``. ``may`` ``(n_set_points, n_levels)`` is which levels a
    set point can run, ``calm`` the lowest clock at each level's memory point.
    """

    def __init__(self, view: View) -> None:
        self.view = view
        self.n, self.levels, self.points = (int(size) for size in view.predicted_w.shape)
        self.ramps = ramps_of(view)
        self.watts = RampedWatts(view.predicted_w, self.ramps)
        self.limits = RampedLimits(view, self.watts)
        self.cores, self.memories = view.n_core, view.n_memory
        self.memory = np.arange(self.levels) // self.cores
        self.calm = view.calm(np.arange(self.levels)) if self.memories > 1 else np.zeros(1, int)
        core_ns = view.stall_ns[: self.cores, : self.cores]
        stalls = np.unique(np.append(core_ns, 0))
        self.core_kinds = len(stalls)
        self.core_kind = np.searchsorted(stalls, core_ns)
        self.kind = np.tile(self.core_kind, (self.memories, self.memories))
        self.kind += self.core_kinds * (self.memory[:, None] != self.memory)
        self.change_ns, self.delay_ns, more_ns = 0, 0, np.zeros(0, dtype=np.int64)
        if view.memory is not None and self.memories > 1:
            self.change_ns, self.delay_ns = view.memory.stall_ns, view.memory.delay_ns
            more_ns = stalls + self.change_ns
        self.stall_ns = np.tile(np.concatenate([stalls, more_ns]), (self.n, 1))
        grid = np.arange(self.points)
        pairs = np.indices((self.points, self.points))
        self.from_, self.to = pairs[:, grid[:, None] != grid]
        self.move_index = np.full((self.points, self.points), -1)
        self.move_index[self.from_, self.to] = np.arange(len(self.from_))
        self.longest_ns = int(self.ramps.move_ns.max())
        self.least_ns = np.asarray(view.duration_ns.min(axis=1))
        # No frame is long enough for a change and the one back, which each that changes needs.
        self.holds = max(float(self.most_ns.sum()), view.period_ns or 0) < 2 * self.delay_ns
        self.may = np.asarray(view.rails_uv <= view.set_points_uv[:, None])

    @property
    def n_moves(self) -> int:
        """Moves between different set points."""
        return len(self.from_)

    def reach_ns(self, layer: int) -> int:
        """How long at most a rail still moves when ``layer`` begins, frame after frame."""
        return max(0, self.longest_ns - int(self.least_ns[layer - 1]))

    @cached_property
    def most_ns(self) -> Floats:
        """At least the time of each layer and the stall before it, ``(n_layers,)``."""
        return np.asarray(self.view.duration_ns.max(axis=1) + float(self.view.stall_ns.max()))

    @cached_property
    def most_nj(self) -> float:
        """At least the energy of any frame, 1e-9 J."""
        return float((self.most_ns * self.watts.watts.max(axis=(1, 2))).sum())

    def bars(self, layer: int) -> bool:
        """Whether the memory's clock may not change before a layer: in idle time it has by then."""
        return self.holds or (layer == 0 and self.view.period_ns is not None)

    @property
    def n_kinds(self) -> int:
        """Kinds of stalls, those with a change of the memory's clock included."""
        return int(self.stall_ns.shape[1])

    @cached_property
    def kinds(self) -> list[tuple[Ints, Ints]]:
        """Core clocks from which all others take the same stalls, and these, ``(n_core,)``.

        What a clock's own stall would be is taken from a clock of its kind.
        """
        kinds: list[tuple[list[int], Ints]] = []
        for level, row in enumerate(self.core_kind):
            for members, stalls in kinds:
                same = row == stalls
                same[[level, members[0]]] = True
                if same.all() and self.core_kind[members[0], level] == row[members[0]]:
                    stalls[members[0]] = row[members[0]]
                    members.append(level)
                    break
            else:
                kinds.append(([level], row.copy()))
        return [(np.array(members), stalls) for members, stalls in kinds]

    @cached_property
    def settled(self) -> Settled:
        """Runs from a settled rail."""
        return Settled(self)

    def at_start(self, layer: Ints | int, level: Ints, wish: Ints) -> Mask:
        """Whether a run would break the cap with its first layer, at rest at what it wishes."""
        nothing = np.zeros_like(wish)
        first, ran = np.zeros_like(layer), self.view.duration_ns[0, level]
        return np.asarray(
            self.limits.over(first, level, nothing, ran, wish, wish, nothing)
            & (np.asarray(layer) == 0)
        )

    def may_run(self, level: Ints, held: Ints) -> Mask:
        """Whether levels may run while the rail guarantees set points ``held``."""
        return self.may[held, level]


class Settled:
    """Every run from a settled rail, arrays ``(n_layers, n_kinds, n_points, n_points, n_levels)``.

    Axes are the layer, the kind of stall before, the set points held and wished for, and the clock.
    ``joules`` are 1e-9 J; ``over`` is 1 where cap or limit would break, infinite where the clock
    may not run; ``left_ns`` is how long the rail moves on afterwards. ``time_ns`` is without
    the axes of set points.
    """

    def __init__(self, space: Space) -> None:
        shape = (space.n, space.n_kinds, space.points, space.points, space.levels)
        self.joules, self.over = np.empty(shape), np.empty(shape)
        self.left_ns = np.empty(shape, dtype=np.int64)
        per = max(1, CHUNK // int(np.prod(shape[1:])))
        for first in range(0, space.n, per):
            part = slice(first, min(first + per, space.n))
            self._fill(space, part)
        duration = space.view.duration_ns[:, None, :]
        self.time_ns = (duration + space.stall_ns[:, :, None]).astype(np.float64)

    def _fill(self, space: Space, part: slice) -> None:
        layer = np.arange(part.start, part.stop)[:, None, None, None, None]
        stall = space.stall_ns[part, :, None, None, None]
        held = np.arange(space.points)[:, None, None]
        wish, level = np.arange(space.points)[:, None], np.arange(space.levels)
        ran = space.view.duration_ns[layer, level]
        # A command upwards is given before the stall, one downwards after it.
        left = space.ramps.move_ns[held, wish] + np.where(wish < held, stall, 0)
        zero, watts = np.zeros_like(stall), space.watts
        joules = watts.drawn(layer, level, stall, stall + ran, held, wish, left)
        over = space.limits.over(layer, level, stall, ran, held, wish, left, joules)
        over |= space.at_start(layer, level, wish)
        self.joules[part] = joules + watts.drawn(layer, space.calm, zero, stall, held, wish, left)
        sure = np.where(left <= stall, wish, np.minimum(held, wish))
        self.over[part] = np.where(space.may_run(level, sure), over, np.inf)
        barred = [layer for layer in range(part.start, part.stop) if space.bars(layer)]
        self.over[barred, space.core_kinds :] = np.inf
        self.left_ns[part] = np.maximum(left - stall - ran, 0)
