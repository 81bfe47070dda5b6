"""Good frames at once: from state to state, the run that the costs to go like best."""

from __future__ import annotations

import numpy as np

from dfsrt.base.arrays import Floats, Ints
from dfsrt.governor.optimum.budget import Budget
from dfsrt.governor.optimum.goal import Goals
from dfsrt.governor.optimum.parts import Parts
from dfsrt.governor.optimum.steps import States, runs_from

MOST_FRAMES = 3
"""Frames that are followed until one ends as it began."""


def followed(
    parts: Parts, goals: Goals, rows: list[Floats], begin: States, budget: Budget
) -> tuple[Ints, Ints]:
    """Return levels and set points of the last frame followed, ``(n_goals, n_layers)`` each.

    ``rows`` are costs to go, ``begin`` a state for each goal. Without time the rest of a frame is
    at the lowest clock.
    """
    space, count = parts.space, len(goals)
    level = np.zeros((count, space.n), dtype=np.int64)
    wish, on, states = level.copy(), np.arange(count), begin
    # The exact state after each layer, from one frame to the next.
    known = np.full((space.n, 4, count), -1)
    for _ in range(MOST_FRAMES):
        for layer in range(space.n):
            states = _step(parts, goals, layer, rows[layer + 1], states, on)
            level[on, layer], wish[on, layer] = states.level, states.to
            now = np.stack([states.level, states.from_, states.to, states.left_ns])
            # Where a frame comes to a state of the one before, all that follows is the same.
            new = np.flatnonzero((known[layer][:, on] != now).any(axis=0))
            known[layer][:, on] = now
            on, states = on[new], states.some(new)
            if not len(on) or budget.spent:
                return level, wish
        if space.view.period_ns is not None:
            states = states.rested()
    return level, wish


def _step(
    parts: Parts, goals: Goals, layer: int, after: Floats, states: States, which: Ints
) -> States:
    runs = runs_from(parts.space, layer, states)
    goal, then = which[runs.source], runs.then
    value = goals.joules[goal] * runs.joules + goals.time[goal] * runs.time_ns
    value = value + goals.over[goal] * runs.over
    where = parts.state(np.asarray(layer + 1), then.from_, then.to, then.left_ns, then.level)
    value = value + after[goal, where]
    order = np.lexsort((value, runs.source))
    best = order[np.searchsorted(runs.source[order], np.arange(len(states)))]
    return then.some(best)


def best_beginning(parts: Parts, gain: Floats) -> States:
    """Return for each goal the settled state from which a frame costs least over its end.

    ``gain`` is ``(n_goals, n_states)``: a frame's cost to go less what its end is worth.
    """
    space = parts.space
    settled = gain[:, : space.points * space.levels].copy()
    level = np.tile(np.arange(space.levels), space.points)
    to = np.repeat(np.arange(space.points), space.levels)
    settled[:, level > space.most[to]] = np.inf
    best = np.argmin(settled, axis=1)
    return States(level[best], to[best], to[best], 0 * best)
