"""A good way at once: the step that the bounds like best, layer by layer."""

from __future__ import annotations

import numpy as np

from dfsrt.base.arrays import Floats, Ints
from dfsrt.base.compiled import compiled
from dfsrt.governor.optimum.problem import Problem, Tables
from dfsrt.governor.optimum.steps import part_of, rail_index, step


def follow(
    problem: Problem, order: Ints, width: int, start: tuple[int, int], bound: Floats
) -> tuple[float, Ints, Ints]:
    """Return cost, levels and wishes of the way from ``start`` (level, set point).

    ``order``, levels and wishes (set points) are ``(n_layers,)``. ``bound`` is what
    ``cost_to_go`` gives for parts of ``width`` ns. The cost is infinite where the way leads to
    no end.
    """
    kernel = compiled(_follow, (_best_step, rail_index, part_of, step))
    cost, level, wish = kernel(problem.tables, order, width, start[0], start[1], bound)
    return float(cost), level, wish


def _follow(
    tables: Tables, order: Ints, width: int, level: int, to: int, bound: Floats
) -> tuple[float, Ints, Ints]:
    levels, wishes = np.zeros(len(order), np.int64), np.zeros(len(order), np.int64)
    held, left, total = to, 0, 0.0
    for j in range(len(order)):
        cost, level, to, held, left = _best_step(
            tables, order[j], width, level, held, to, left, bound[j + 1]
        )
        total += cost
        levels[j], wishes[j] = level, to
    return (
        total + bound[len(order), rail_index(held, to), part_of(left, width), level],
        levels,
        wishes,
    )


def _best_step(
    tables: Tables, layer: int, width: int, level: int, held: int, to: int, left: int, after: Floats
) -> tuple[float, int, int, int, int]:
    """Return the cost of the best step and the state that it leads to."""
    best, cost = np.inf, np.inf
    then = (level, to, held, left)
    for wish in range(tables.run.shape[2]):
        if wish != to and left > 0:
            continue
        for new in range(tables.run.shape[1]):
            stall = 0 if new == level else tables.stalls[tables.kind[level], new]
            ran = tables.duration[layer, new]
            at, holds, rest = step(held, to, left, wish, stall, ran, tables.moves)
            each = tables.run[layer, new, at] + tables.wait[layer, at] * stall
            value = each + after[rail_index(holds, wish), part_of(rest, width), new]
            if value < best:
                best, cost, then = value, each, (new, wish, holds, rest)
    return cost, then[0], then[1], then[2], then[3]
