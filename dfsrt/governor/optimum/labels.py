"""Search with exact times: every way around a frame that the costs to go leave open."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from dfsrt.base.arrays import Floats, Ints, Mask
from dfsrt.governor.optimum import effort
from dfsrt.governor.optimum.budget import Budget
from dfsrt.governor.optimum.goal import Goals
from dfsrt.governor.optimum.parts import Parts
from dfsrt.governor.optimum.space import Space
from dfsrt.governor.optimum.steps import States, locked, runs_from
from dfsrt.governor.optimum.sweep import ToGo, begin_row


@dataclass(frozen=True, slots=True)
class Quest:
    """What is looked for: frames that cost less than ``below`` in every goal.

    Of ways to one state those of least cost in ``rivals`` stay: one goal, or two of which a way
    may be better in either. ``most`` labels stay after each layer, those that ``guide`` likes
    best: costs to go in the first goal, ``(n_states,)`` before each layer. ``below`` is
    ``(n_steps, n_goals)``: with several steps, their second goal rises and the third falls, and
    it is enough to be below one of them. A search is given up once it has left out what costs
    less than ``enough`` in the first goal: it could certify nothing any more.
    """

    goals: Goals
    to_go: ToGo
    guide: list[Floats]
    below: Floats
    rivals: tuple[int, ...]
    most: int
    enough: float

    def leaves_open(self, bound: Floats) -> Mask:
        """Return which ways may still be below, ``(n,)``; bounds are ``(n_goals, n)``."""
        if len(self.goals) == 1:
            return np.asarray(bound[0] < self.below[0, 0])
        # What is below a later step in the second goal may be below it in all.
        first = np.maximum.accumulate(self.below[::-1, 0])[::-1]
        step = np.searchsorted(self.below[:, 1], bound[1], side="right")
        at = np.minimum(step, len(first) - 1)
        below = (bound[0] < first[at]) & (bound[2] < self.below[at, 2])
        return np.asarray(below & (step < len(first)))


@dataclass(frozen=True, slots=True)
class Ways:
    """Frames found: costs ``(n, n_goals)``, levels and set points ``(n, n_layers)``.

    No frame that was left out costs less than ``dropped`` in the first goal.
    """

    cost: Floats
    level: Ints
    wish: Ints
    dropped: float


_Columns: TypeAlias = tuple[Ints, Ints, Ints, Ints, Ints]
_Runs: TypeAlias = tuple[Ints, _Columns, Floats, Floats, Ints]
"""Numbers of the labels that runs come from, states they lead to, costs, first bounds, and room."""


@dataclass(slots=True)
class _Front:
    """Labels after a layer: states, costs ``(n, n_goals)``, and number of their beginning.

    ``room_ns`` is how long the memory's clock may have been locked when the frame began: until its
    first change. Before that it is -1 less the time since, which has not come.
    """

    states: States
    cost: Floats
    start: Ints
    room_ns: Ints


def ways_around(parts: Parts, quest: Quest, first: int, budget: Budget) -> Ways:
    """Return the best frames that begin with a settled rail before layer ``first``, and close.

    Where time runs out, or it is given up, nothing is found, and ``dropped`` says that nothing is
    known.
    """
    space, rows = parts.space, quest.to_go.rows
    begin = _beginnings(parts)
    at_begin = begin_row(parts, rows)
    worth = (at_begin if first == 0 else rows[first])[:, parts.place(first, begin)].T
    front = _Front(begin, -worth, np.arange(len(begin)), np.full(len(begin), -1))
    trail: list[tuple[Ints, Ints, Ints]] = []
    dropped = np.inf
    order = np.roll(np.arange(space.n), -first)
    for count, layer in enumerate(order.tolist()):
        if budget.spent or dropped < quest.enough or not len(front.states):
            none = np.zeros((0, space.n), dtype=np.int64)
            dropped = -np.inf if len(front.states) else dropped
            return Ways(np.zeros((0, len(quest.goals))), none, none, dropped)
        last = layer == space.n - 1
        row = at_begin if last else rows[layer + 1]
        crossed = last or count > space.n - 1 - first
        still = quest.to_go.bound * (not crossed)
        front, kept, drop = _over(parts, quest, layer, front, row, still, budget)
        dropped = min(dropped, drop)
        trail.append((kept, front.states.level, front.states.to))
        if last and space.view.period_ns is not None:
            # Frames begin with the first layer then, so that this is the last of all.
            front, kept = _after_idle(space, front)
            trail[-1] = tuple(column[kept] for column in trail[-1])  # type: ignore[assignment]
    same = front.states.same(begin.some(front.start))
    # A frame may begin as locked as it ends.
    closed = np.flatnonzero(same & ((front.room_ns < 0) | (front.states.lock_ns <= front.room_ns)))
    cost = front.cost[closed] + worth[front.start[closed]]
    return Ways(cost, *_traced(trail, closed, order), dropped)


def _beginnings(parts: Parts) -> States:
    space = parts.space
    to, level = np.nonzero(space.may)
    return States(level, to, to, 0 * to, 0 * to)


def _after_idle(space: Space, front: _Front) -> tuple[_Front, Ints]:
    """Let the rail settle and the memory's clock change in idle time; return from which labels."""
    if space.holds or space.memories == 1:
        every = np.arange(len(front.states))
        return replace(front, states=front.states.rested(), room_ns=0 * every - 1), every
    source = np.repeat(np.arange(len(front.states)), space.memories)
    states = front.states.rested().some(source)
    memory = np.tile(np.arange(space.memories), len(front.states))
    level = states.level % space.cores + memory * space.cores
    states = replace(states, level=level)
    return _Front(states, front.cost[source], front.start[source], 0 * source - 1), source


def _over(
    parts: Parts,
    quest: Quest,
    layer: int,
    front: _Front,
    row: Floats,
    still: Floats,
    budget: Budget,
) -> tuple[_Front, Ints, float]:
    """Take every run over a layer; return the labels that stay, whence, and the least dropped."""
    states = front.states
    found = [
        take(parts, quest, layer, front, np.flatnonzero(which), row, still)
        for take, which in ((_at_rest, states.left_ns == 0), (_moving, states.left_ns > 0))
        if which.any()
    ]
    source = np.concatenate([each[0] for each in found])
    looked_at = len(states) * parts.space.points * parts.space.levels
    budget.work(effort.LABEL_ROW_NS + effort.LABEL_LOOK_NS * looked_at)
    budget.work(effort.LABEL_RUN_NS * len(source))
    then = States(*(np.concatenate(column) for column in zip(*(e[1] for e in found), strict=True)))
    cost, value, room = (np.concatenate([each[k] for each in found]) for k in (2, 3, 4))
    start = front.start[source]
    best = _unbeaten(then, start, room, cost[:, list(quest.rivals)])
    dropped = np.inf
    if len(best) > quest.most:
        where = parts.place(layer + 1, then.some(best))
        liked = cost[best, 0] + quest.guide[layer + 1][where]
        rank = np.argsort(liked, kind="stable")
        dropped = float(value[best[rank[quest.most :]]].min())
        best = np.sort(best[rank[: quest.most]])
    return _Front(then.some(best), cost[best], start[best], room[best]), source[best], dropped


def _moving(
    parts: Parts, quest: Quest, layer: int, front: _Front, which: Ints, row: Floats, still: Floats
) -> _Runs:
    """The runs from a moving rail that the bounds leave open."""
    runs = runs_from(parts.space, layer, front.states.some(which))
    source = which[runs.source]
    cost = front.cost[source] + quest.goals.of(runs.joules, runs.time_ns, runs.over).T
    value = cost + row[:, parts.place(layer + 1, runs.then)].T + still
    open_ = np.flatnonzero(quest.leaves_open(value.T))
    then, source = runs.then.some(open_), source[open_]
    room = _room(parts.space, layer, front, source, then.level)
    return source, _columns(then), cost[open_], value[open_, 0], room


def _at_rest(
    parts: Parts, quest: Quest, layer: int, front: _Front, which: Ints, row: Floats, still: Floats
) -> _Runs:
    """The runs from a settled rail that the bounds leave open: most are seen not to be at once."""
    space, table = parts.space, parts.space.settled
    costs, values = _tables(parts, quest.goals, layer, row)
    state = front.states.level[which] * space.points + front.states.to[which]
    before = front.cost[which] + still
    open_ = before[:, :1] + values[0][state] < quest.below[:, 0].max()
    label, option = np.nonzero(open_)
    value = before[label].T + values[:, state[label], option]
    lock = _locks(space, layer, front.states.some(which), label, option % space.levels)
    keep = quest.leaves_open(value) & (lock >= 0)
    label, option, value, lock = label[keep], option[keep], value[0, keep], lock[keep]
    source, at = which[label], (state[label], option)
    wish, level = option // space.levels, option % space.levels
    held = front.states.to[source]
    stall = space.kind[front.states.level[source], level]
    left = table.left_ns[layer, stall, held, wish, level]
    cost = front.cost[source] + np.stack([each[at] for each in costs], axis=1)
    then = (level, np.where(left > 0, held, wish), wish, left, lock)
    return source, then, cost, value, _room(space, layer, front, source, level)


def _locks(space: Space, layer: int, states: States, label: Ints, level: Ints) -> Ints:
    """How long the memory's clock is locked after runs, ``(n,)``; below 0 where they may not be."""
    if space.memories == 1:
        return np.zeros_like(label)
    return locked(space, layer, states, np.arange(space.levels))[1][label, level]


def _room(space: Space, layer: int, front: _Front, source: Ints, level: Ints) -> Ints:
    """The room of labels after runs, as of ``_Front``, ``(n,)``."""
    room, before = front.room_ns[source], front.states.level[source]
    if not space.delay_ns:
        return room
    took = space.stall_ns[layer][space.kind[before, level]] + space.view.duration_ns[layer, level]
    waited = np.maximum(room - took, -1 - space.delay_ns)
    changes = space.memory[before] != space.memory[level]
    return np.where(room >= 0, room, np.where(changes, -1 - room, waited))


def _tables(parts: Parts, goals: Goals, layer: int, row: Floats) -> tuple[Floats, Floats]:
    """Costs of runs from a settled rail, and with what is to go: ``(n_goals, n, n_runs)`` each.

    That is with the memory's clock free, and no more than where it is locked.
    """
    space, table = parts.space, parts.space.settled
    time_ns = table.time_ns[layer][:, None, None, :]
    cost = goals.of(table.joules[layer], time_ns, table.over[layer])
    both = np.stack([cost, cost + row[:, parts.after[layer]]])
    levels = np.arange(space.levels)
    # Advanced indices go first: level before, level; then cost or value, goal, held, wish.
    picked = np.moveaxis(both, (2, 5), (0, 1))[space.kind, levels]
    ordered = picked.transpose(2, 3, 0, 4, 5, 1)
    n = space.levels * space.points
    costs, values = ordered.reshape(2, len(goals), n, space.points * space.levels)
    return costs, values


def _columns(states: States) -> _Columns:
    return states.level, states.from_, states.to, states.left_ns, states.lock_ns


def _unbeaten(states: States, start: Ints, room: Ints, cost: Floats) -> Ints:
    """Return which labels no other of the same beginning and state is as good as."""
    keys = (states.lock_ns, room, states.left_ns, states.from_, states.to, states.level, start)
    order = np.lexsort((*cost.T[::-1], *keys))
    columns = np.stack([key[order] for key in keys])
    new = np.ones(len(order), dtype=bool)
    new[1:] = (columns[:, 1:] != columns[:, :-1]).any(axis=0)
    if cost.shape[1] == 1:
        return order[new]
    return order[_falling(cost[order, 1], np.cumsum(new))]


def _falling(values: Floats, group: Ints) -> Mask:
    """Return which values are below all before them in their group; groups ascend."""
    rank = np.unique(values, return_inverse=True)[1].astype(np.int64)
    # Later groups lie lower as a whole, so that the least so far begins anew with each.
    lowered = rank - group * (rank.max(initial=0) + 1)
    least = np.minimum.accumulate(lowered)
    return np.concatenate([np.ones(min(1, len(values)), dtype=bool), lowered[1:] < least[:-1]])


def _traced(trail: list[tuple[Ints, Ints, Ints]], ends: Ints, order: Ints) -> tuple[Ints, Ints]:
    level = np.zeros((len(ends), len(order)), dtype=np.int64)
    wish, here = level.copy(), ends
    for layer, (source, levels, wishes) in zip(order[::-1], reversed(trail), strict=True):
        level[:, layer], wish[:, layer] = levels[here], wishes[here]
        here = source[here]
    return level, wish
