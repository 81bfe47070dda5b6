"""Every run of a layer from exact states, to the nanosecond."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dfsrt.base.arrays import Floats, Ints, Mask
from dfsrt.governor.optimum.space import Space


@dataclass(frozen=True, slots=True)
class States:
    """Exact states, each array ``(n,)``: a clock, and a rail from one set point to another.

    It has settled after ``left_ns``; ``from_`` is ``to`` where it has settled already. The memory's
    clock may change again after ``lock_ns``.
    """

    level: Ints
    from_: Ints
    to: Ints
    left_ns: Ints
    lock_ns: Ints

    def __len__(self) -> int:
        return len(self.level)

    def some(self, which: Ints) -> States:
        """Return some of them."""
        columns = (self.level, self.from_, self.to, self.left_ns, self.lock_ns)
        return States(*(column[which] for column in columns))

    def rested(self) -> States:
        """Return them once the rail has settled, and the memory's clock may change."""
        return States(self.level, self.to, self.to, 0 * self.left_ns, 0 * self.lock_ns)

    def same(self, other: States) -> Mask:
        """Return which are the same as others, but for how long the memory's clock is locked."""
        alike = (self.level == other.level) & (self.to == other.to)
        return np.asarray(alike & (self.from_ == other.from_) & (self.left_ns == other.left_ns))


@dataclass(frozen=True, slots=True)
class Runs:
    """Runs of a layer, each array ``(n,)``: from state number ``source`` to the states ``then``.

    ``joules`` are 1e-9 J; the set point wished for is ``then.to``; ``changed`` says that the
    memory's clock has changed before.
    """

    source: Ints
    then: States
    joules: Floats
    time_ns: Floats
    over: Floats
    changed: Mask


def runs_from(space: Space, layer: int, states: States) -> Runs:
    """Return every run of a layer that the device allows, sources in order within each kind."""
    settled = np.flatnonzero(states.left_ns == 0)
    moving = np.flatnonzero(states.left_ns > 0)
    parts = []
    if len(settled):
        parts.append(_at_rest(space, layer, settled, states.some(settled)))
    if len(moving):
        parts.append(_in_motion(space, layer, moving, states.some(moving)))
    return parts[0] if len(parts) == 1 else _joined(parts)


def _joined(parts: list[Runs]) -> Runs:
    then = States(
        np.concatenate([p.then.level for p in parts]),
        np.concatenate([p.then.from_ for p in parts]),
        np.concatenate([p.then.to for p in parts]),
        np.concatenate([p.then.left_ns for p in parts]),
        np.concatenate([p.then.lock_ns for p in parts]),
    )
    return Runs(
        np.concatenate([p.source for p in parts]),
        then,
        np.concatenate([p.joules for p in parts]),
        np.concatenate([p.time_ns for p in parts]),
        np.concatenate([p.over for p in parts]),
        np.concatenate([p.changed for p in parts]),
    )


def _at_rest(space: Space, layer: int, source: Ints, states: States) -> Runs:
    table = space.settled
    changed, lock_ns = locked(space, layer, states, np.arange(space.levels))
    held, wish = states.to[:, None, None], np.arange(space.points)[:, None]
    level = np.arange(space.levels)
    stall = space.kind[states.level][:, None, :]
    at = (layer, stall, held, wish, level)
    joules, left = table.joules[at], table.left_ns[at]
    then = np.where(left > 0, held, wish)
    time_ns = table.time_ns[layer][stall, level]
    over = table.over[at]
    which, given = np.isfinite(over) & (lock_ns >= 0)[:, None, :], joules.shape
    whole = (source[:, None, None], level, then, wish, left, lock_ns[:, None, :])
    source, level, then, wish, left, lock = (np.broadcast_to(a, given)[which] for a in whole)
    times = np.broadcast_to(time_ns, given)[which]
    done = np.broadcast_to(changed[:, None, :], given)[which]
    states = States(level, then, wish, left, lock)
    return Runs(source, states, joules[which], times, over[which], done)


def locked(space: Space, layer: int, states: States, level: Ints) -> tuple[Mask, Ints]:
    """Return whether runs at levels change the memory's clock before, and its lock after them.

    Both are ``(n_states, n_levels)``; the lock is below 0 where the change may not be.
    """
    if space.memories == 1:
        shape = len(states), len(level)
        return np.zeros(shape, dtype=bool), np.zeros(shape, dtype=np.int64)
    changed = space.memory[states.level][:, None] != space.memory[level]
    spent = space.stall_ns[layer][space.kind[states.level][:, level]]
    spent = spent + space.view.duration_ns[layer, level]
    left = np.maximum(np.where(changed, space.delay_ns, states.lock_ns[:, None]) - spent, 0)
    barred = (states.lock_ns > 0) | space.bars(layer)
    return changed, np.where(changed & barred[:, None], -1, left)


def _in_motion(space: Space, layer: int, source: Ints, states: States) -> Runs:
    from_, to, left = states.from_[:, None], states.to[:, None], states.left_ns[:, None]
    level = np.arange(space.levels)
    stall = space.stall_ns[layer][space.kind[states.level]]
    changed, lock_ns = locked(space, layer, states, level)
    ran = space.view.duration_ns[layer, level]
    sure = np.where(left <= stall, to, np.minimum(from_, to))
    which = space.may_run(level, sure) & (lock_ns >= 0)
    row, column = np.nonzero(which)
    from_, to, left = states.from_[row], states.to[row], states.left_ns[row]
    level, stall, ran = level[column], stall[which], ran[column]
    begin, end = np.zeros_like(stall), stall + ran
    joules = space.watts.drawn(layer, level, stall, end, from_, to, left)
    over = space.limits.over(layer, level, stall, ran, from_, to, left, joules)
    if layer == 0:
        over |= space.at_start(layer, level, to)
    calm = space.view.calm(level)
    joules = joules + space.watts.drawn(layer, calm, begin, stall, from_, to, left)
    then, time_ns = np.maximum(left - end, 0), end.astype(np.float64)
    reached = States(level, np.where(then > 0, from_, to), to, then, lock_ns[which])
    return Runs(source[row], reached, joules, time_ns, over.astype(np.float64), changed[which])
