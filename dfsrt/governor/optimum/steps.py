"""Every run of a layer from exact states, to the nanosecond."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from dfsrt.base.arrays import Floats, Ints, Mask
from dfsrt.governor.optimum.space import Space


@dataclass(frozen=True, slots=True)
class States:
    """Exact states, each array ``(n,)``: a clock, and a rail from one set point to another.

    It has settled after ``left_ns``; ``from_`` is ``to`` where it has settled already.
    """

    level: Ints
    from_: Ints
    to: Ints
    left_ns: Ints

    def __len__(self) -> int:
        return len(self.level)

    def some(self, which: Ints) -> States:
        """Return some of them."""
        return States(self.level[which], self.from_[which], self.to[which], self.left_ns[which])

    def rested(self) -> States:
        """Return them once the rail has settled."""
        return States(self.level, self.to, self.to, 0 * self.left_ns)

    def same(self, other: States) -> Mask:
        """Return which are the same as others."""
        alike = (self.level == other.level) & (self.to == other.to)
        return np.asarray(alike & (self.from_ == other.from_) & (self.left_ns == other.left_ns))


@dataclass(frozen=True, slots=True)
class Runs:
    """Runs of a layer, each array ``(n,)``: from state number ``source`` to the states ``then``.

    ``joules`` are 1e-9 J; the set point wished for is ``then.to``.
    """

    source: Ints
    then: States
    joules: Floats
    time_ns: Floats
    over: Floats


def runs_from(space: Space, layer: int, states: States) -> Runs:
    """Return every run of a layer that the device allows, sources in order within each kind."""
    settled = np.flatnonzero(states.left_ns == 0)
    moving = np.flatnonzero(states.left_ns > 0)
    parts = [part for part in (
        _at_rest(space, layer, settled, states.some(settled)) if len(settled) else None,
        _in_motion(space, layer, moving, states.some(moving)) if len(moving) else None,
    ) if part is not None]  # fmt: skip
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    source, level, from_, to, left, joules, time_ns, over = columns
    return Runs(source, States(level, from_, to, left), joules, time_ns, over)


def _at_rest(space: Space, layer: int, source: Ints, states: States) -> tuple[Any, ...]:
    table = space.settled
    held, wish = states.to[:, None, None], np.arange(space.points)[:, None]
    level = np.arange(space.levels)
    stall = space.kind[states.level][:, None, :]
    at = (layer, stall, held, wish, level)
    joules, left = table.joules[at], table.left_ns[at]
    then = np.where(left > 0, held, wish)
    time_ns = table.time_ns[layer][stall, level]
    over = table.over[at]
    which, given = np.isfinite(over), joules.shape
    arrays = (source[:, None, None], level, then, wish, left, joules, time_ns, over)
    return tuple(np.broadcast_to(array, given)[which] for array in arrays)


def _in_motion(space: Space, layer: int, source: Ints, states: States) -> tuple[Any, ...]:
    from_, to, left = states.from_[:, None], states.to[:, None], states.left_ns[:, None]
    level = np.arange(space.levels)
    stall = space.stalls[space.kind[states.level]]
    ran = space.view.duration_ns[layer, level]
    sure = np.where(left <= stall, to, np.minimum(from_, to))
    which = space.may_run(level, sure)
    row, column = np.nonzero(which)
    from_, to, left = states.from_[row], states.to[row], states.left_ns[row]
    level, stall, ran = level[column], stall[which], ran[column]
    begin, end = np.zeros_like(stall), stall + ran
    joules = space.watts.drawn(layer, level, stall, end, from_, to, left)
    over = space.limits.over(layer, level, stall, ran, from_, to, left, joules)
    if layer == 0:
        over |= space.at_start(layer, level, to)
    joules = joules + space.watts.drawn(layer, 0 * level, begin, stall, from_, to, left)
    then, time_ns = np.maximum(left - end, 0), end.astype(np.float64)
    return source[row], level, np.where(then > 0, from_, to), to, then, joules, time_ns, over
