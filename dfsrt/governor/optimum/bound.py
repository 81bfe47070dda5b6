"""Lower bounds: the least cost from every state to the end, with the rail's time in coarse parts.

A part stands for any number of nanoseconds in it, and each step may take the best of them. That
is more than the device allows, so what is found is never above the true least cost; with parts
of a nanosecond it is the least cost itself.
"""

from __future__ import annotations

import numpy as np

from dfsrt.base.arrays import Floats, Ints
from dfsrt.base.compiled import compiled
from dfsrt.governor.optimum.problem import Problem, Tables
from dfsrt.governor.optimum.steps import part_of, rail_index, step

SAME_COST = 1e-12
"""Costs within this share are the same: sums in another order differ by less."""


def cost_to_go(
    problem: Problem,
    order: Ints,
    parts: int,
    width: int,
    end: Floats,
    like: Floats | None = None,
) -> Floats:
    """Return a lower bound of the cost from each state to the end of ``order``.

    Shape is ``(n_layers + 1, n_rail_states, parts + 1, n_levels)``, part 0 settled; only states
    that can come about are filled in. ``end`` has shape ``(n_rail_states, n_levels)``: the cost
    of ending there, for a settled rail; with the rail in motion too where it is the same for
    all, else a moving rail is no end. ``like`` may be what was returned for the same order with
    its last layer put first, and another end: once all states differ from it by the same, so do
    all before.
    """
    helpers = (_end_with, _fill, _fill_moving, _settled, _moving, _spread, _compare, _longest)
    kernel = compiled(_cost_to_go, (*helpers, rail_index, part_of, step))
    known = np.empty((0, 0, 0, 0)) if like is None else like
    return np.asarray(kernel(problem.tables, order, parts, width, end, known))


def _cost_to_go(
    tables: Tables, order: Ints, parts: int, width: int, end: Floats, like: Floats
) -> Floats:
    n, levels = len(order), tables.run.shape[1]
    bound = np.empty((n + 1, len(end), parts + 1, levels))
    _end_with(end, bound[n])
    values = np.empty((len(tables.stalls) + 1, levels))
    for j in range(n - 1, -1, -1):
        # The search starts settled; later a rail may have been commanded one layer before.
        before = order[j - 1] if j > 0 else -1
        alike = like[j + 1] if len(like) else bound[j]
        apart = _fill(tables, order[j], before, width, values, bound[j + 1], bound[j], alike)
        near = SAME_COST * like[1, 0, 0, 0] if len(like) else -1.0
        if apart[1] < np.inf and apart[1] - apart[0] <= near:
            known, missing = like.ravel(), bound.ravel()
            row = bound.size // (n + 1)
            for i in range(j * row):
                missing[i] = known[i + row] + apart[0]
            break
    return bound


def _end_with(end: Floats, into: Floats) -> None:
    """Write the cost of ending; a moving rail is an end only where everything is, for nothing."""
    free = True
    for rail in range(end.shape[0]):
        for level in range(end.shape[1]):
            free = free and end[rail, level] == 0.0
    for rail in range(into.shape[0]):
        for part in range(into.shape[1]):
            for level in range(into.shape[2]):
                into[rail, part, level] = 0.0 if free else np.inf
                if part == 0:
                    into[rail, part, level] = end[rail, level]


def _fill(
    tables: Tables,
    layer: int,
    before: int,
    width: int,
    values: Floats,
    after: Floats,
    into: Floats,
    alike: Floats,
) -> Floats:
    """Fill in the bounds before a layer; return the least and most they differ from others."""
    apart = np.array([np.inf, -np.inf])
    run, wait, duration, moves = tables.run, tables.wait, tables.duration, tables.moves
    for to in range(tables.run.shape[2]):
        for level in range(values.shape[1]):
            values[0, level] = _settled(
                layer, level, 0, to, run, wait, duration, moves, width, after
            )
            for k in range(len(tables.stalls)):
                stall = tables.stalls[k, level]
                values[k + 1, level] = _settled(
                    layer, level, stall, to, run, wait, duration, moves, width, after
                )
        _spread(values, tables.kind, into[rail_index(to, to), 0])
        _compare(into[rail_index(to, to), 0], alike[rail_index(to, to), 0], apart)
        if before >= 0:
            for held in range(to + 1):
                # A move lasts no longer than from its command to the end of the layer before.
                most = _longest(tables.moves, held, to) - tables.least[before]
                _fill_moving(
                    tables, layer, held, to, most, width, values, after, into, alike, apart
                )
    return apart


def _fill_moving(
    tables: Tables,
    layer: int,
    held: int,
    to: int,
    most: int,
    width: int,
    values: Floats,
    after: Floats,
    into: Floats,
    alike: Floats,
    apart: Floats,
) -> None:
    """The same for a rail that moves for up to ``most`` ns more."""
    rail = rail_index(held, to)
    run, wait, duration = tables.run, tables.wait, tables.duration
    for part in range(1, part_of(max(most, 0), width) + 1):
        low, high = (part - 1) * width + 1, min(part * width, most)
        for level in range(values.shape[1]):
            values[0, level] = _moving(
                layer, level, 0, held, to, low, high, run, wait, duration, width, after
            )
            for k in range(len(tables.stalls)):
                stall = tables.stalls[k, level]
                values[k + 1, level] = _moving(
                    layer, level, stall, held, to, low, high, run, wait, duration, width, after
                )
        _spread(values, tables.kind, into[rail, part])
        _compare(into[rail, part], alike[rail, part], apart)


def _longest(moves: Ints, held: int, to: int) -> int:
    """Return how long a move to ``to`` takes that guarantees ``held``; falling from the highest."""
    if held < to:
        return moves[held, to]  # type: ignore[no-any-return]
    longest = 0
    for high in range(to + 1, len(moves)):
        longest = max(longest, moves[high, to])
    return longest


def _compare(one: Floats, other: Floats, apart: Floats) -> None:
    for level in range(len(one)):
        apart[0] = min(apart[0], one[level] - other[level])
        apart[1] = max(apart[1], one[level] - other[level])


def _spread(values: Floats, kind: Ints, into: Floats) -> None:
    """Take the least value for each level to come from: no change, or one by its kind's stalls.

    Levels of one kind share it, so a level may also stall before itself: more than is allowed.
    """
    for k in range(len(values) - 1):
        least = np.inf
        for level in range(values.shape[1]):
            least = min(least, values[k + 1, level])
        for level in range(values.shape[1]):
            if kind[level] == k:
                into[level] = min(values[0, level], least)


def _settled(
    layer: int,
    level: int,
    stall: int,
    to: int,
    run: Floats,
    wait: Floats,
    duration: Ints,
    moves: Ints,
    width: int,
    after: Floats,
) -> float:
    """Return the least cost of a layer at ``level`` and what follows, the rail settled before."""
    best, ran = np.inf, duration[layer, level]
    for wish in range(run.shape[2]):
        at, held, left = step(to, to, 0, wish, stall, ran, moves)
        cost = run[layer, level, at] + wait[layer, at] * stall
        if cost < best:  # what follows costs nothing at least
            best = min(best, cost + after[rail_index(held, wish), part_of(left, width), level])
    return best


def _moving(
    layer: int,
    level: int,
    stall: int,
    held: int,
    to: int,
    low: int,
    high: int,
    run: Floats,
    wait: Floats,
    duration: Ints,
    width: int,
    after: Floats,
) -> float:
    """The same with the rail in motion for anything from ``low`` to ``high`` ns more."""
    best = np.inf
    low, high = low - stall, high - stall
    settled = after[rail_index(to, to), 0, level]
    if low <= 0:
        best = run[layer, level, to] + wait[layer, to] * stall + settled
    if high <= 0:
        return best
    cost = run[layer, level, held] + wait[layer, held] * stall
    if cost == np.inf:
        return best
    low, high = max(low, 1) - duration[layer, level], high - duration[layer, level]
    if low <= 0:
        best = min(best, cost + settled)
    for part in range(part_of(max(low, 1), width), part_of(max(high, 0), width) + 1):
        best = min(best, cost + after[rail_index(held, to), part, level])
    return best
