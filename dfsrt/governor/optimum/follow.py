"""Good frames at once: from state to state, the run that the costs to go like best."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dfsrt.base.arrays import Floats, Ints
from dfsrt.governor.optimum import effort
from dfsrt.governor.optimum.budget import Budget
from dfsrt.governor.optimum.goal import Goals
from dfsrt.governor.optimum.parts import Parts
from dfsrt.governor.optimum.steps import States, runs_from

MOST_FRAMES = 3
"""Frames that are followed until one ends as it began."""


def followed(
    parts: Parts,
    goals: Goals,
    rows: list[Floats],
    sure: list[Floats],
    begin: States,
    budget: Budget,
    memory: int | None = None,
) -> tuple[Ints, Ints, Floats]:
    """Return levels, set points and slack of the last frame followed, ``(n_goals, n_layers)`` each.

    ``rows`` are costs to go that are followed, ``sure`` such that bound them: the slack is what a
    layer adds to the distance from that bound. ``begin`` is a state for each goal. Idle time takes
    the memory to a point where one is given, else to what ``rows`` like best. Without time the rest
    of a frame is at the lowest clock.
    """
    space, count = parts.space, len(goals)
    level = np.zeros((count, space.n), dtype=np.int64)
    wish, on, states = level.copy(), np.arange(count), begin
    slack = np.zeros(level.shape)
    # The exact state after each layer, from one frame to the next.
    known = np.full((space.n, 5, count), -1)
    for _ in range(MOST_FRAMES):
        for layer in range(space.n):
            place = parts.place(layer, states)
            states, cost = _step(parts, goals, layer, rows[layer + 1], states, on)
            slack[on, layer] = cost + sure[layer + 1][on, parts.place(layer + 1, states)]
            slack[on, layer] -= sure[layer][on, place]
            level[on, layer], wish[on, layer] = states.level, states.to
            columns = (states.level, states.from_, states.to, states.left_ns, states.lock_ns)
            now = np.stack(columns)
            # Where a frame comes to a state of the one before, all that follows is the same.
            new = np.flatnonzero((known[layer][:, on] != now).any(axis=0))
            known[layer][:, on] = now
            on, states = on[new], states.some(new)
            budget.work(effort.FOLLOW_ROW_NS + effort.FOLLOW_RUN_NS * len(on))
            if not len(on) or budget.spent:
                return level, wish, slack
        if space.view.period_ns is not None:
            states = _after_idle(parts, rows[0], states.rested(), on, memory)
    return level, wish, slack


def _step(
    parts: Parts, goals: Goals, layer: int, after: Floats, states: States, which: Ints
) -> tuple[States, Floats]:
    """Return the states that the best runs lead to, and what these runs cost."""
    runs = runs_from(parts.space, layer, states)
    goal, then = which[runs.source], runs.then
    value = goals.joules[goal] * runs.joules + goals.time[goal] * runs.time_ns
    cost = value + goals.over[goal] * runs.over
    value = cost + after[goal, parts.place(layer + 1, then)]
    order = np.lexsort((value, runs.source))
    best = order[np.searchsorted(runs.source[order], np.arange(len(states)))]
    return then.some(best), cost[best]


def _after_idle(
    parts: Parts, row: Floats, states: States, which: Ints, memory: int | None
) -> States:
    """Let the memory's clock change in idle time, to a point or what the costs to go like best."""
    space = parts.space
    if space.holds:
        return states
    if memory is not None:
        return replace(states, level=states.level % space.cores + memory * space.cores)
    each = states.level[:, None] % space.cores + np.arange(space.memories) * space.cores
    place = states.to[:, None] * space.levels + each
    best = np.argmin(row[which[:, None], place], axis=1)
    return replace(states, level=np.take_along_axis(each, best[:, None], axis=1)[:, 0])


def best_beginning(parts: Parts, gain: Floats) -> States:
    """Return for each goal the settled state from which a frame costs least over its end.

    ``gain`` is ``(n_goals, n_states)``: a frame's cost to go less what its end is worth.
    """
    space = parts.space
    settled = gain[:, : space.points * space.levels].copy()
    level = np.tile(np.arange(space.levels), space.points)
    to = np.repeat(np.arange(space.points), space.levels)
    settled[:, ~space.may_run(level, to)] = np.inf
    best = np.argmin(settled, axis=1)
    return States(level[best], to[best], to[best], 0 * best, 0 * best)
