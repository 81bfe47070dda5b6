"""Search with exact times: every way from a start to an end that the bounds leave open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from dfsrt.base.arrays import Floats, Ints
from dfsrt.base.compiled import compiled
from dfsrt.governor.optimum.problem import Problem, Tables
from dfsrt.governor.optimum.steps import part_of, rail_index, step

LEVEL, HELD, TO, LEFT, PARENT, CELL, NEXT = range(7)
"""Columns of a label: the state it stands for, where it came from, and its neighbours."""
DROPPED, LOSS = range(2)
Grid: TypeAlias = tuple[float, float, float]
"""Least energy, a step of energy, a step of time left: what divides labels into cells."""
Store: TypeAlias = tuple[Floats, Ints, Ints, NDArray[np.int32]]
"""Costs and times of labels, ``(n_labels,)``, their columns, and the first label of each cell."""
Result: TypeAlias = tuple[float, int, Ints, Ints, float, float, int]
"""The fields of a ``Way``, in their order."""


class Budget(NamedTuple):
    """A time within which a way must stay, and what a label needs to be judged against it.

    A way's energy is its cost less ``price`` a nanosecond. ``time_bound`` and ``energy_bound``
    are bounds to the end as ``cost_to_go`` gives them; ``energy_j`` is an energy that is known
    to do. Energies that differ by no more than the range between the two over ``steps`` are
    taken to be the same; of such labels the fastest is kept.
    """

    price: float
    deadline_ns: int
    time_bound: Floats
    energy_bound: Floats
    energy_j: float
    steps: int


class Scope(NamedTuple):
    """Where a search goes on: the layers in order, the division of the rail's time, bounds.

    Only ways that cost less than ``limit`` are looked for; ``crowd`` and ``most`` limit the
    labels in one part of the rail's time and in all.
    """

    order: Ints
    parts: int
    width: int
    bound: Floats
    limit: float
    most: int
    crowd: int


@dataclass(frozen=True, slots=True)
class Way:
    """A way found through the layers of an order, or none where ``level`` is empty.

    ``level`` and ``wish`` (set points) follow the order. ``dropped`` bounds from below the cost
    of every way that was left out though it might have been better; the whole result may be
    off by ``lost`` more. ``labels`` is how many were made.
    """

    cost: float
    time_ns: int
    level: Ints
    wish: Ints
    dropped: float
    lost: float
    labels: int


def best_way(
    problem: Problem, scope: Scope, start: tuple[int, int], budget: Budget | None = None
) -> Way:
    """Return the best way from ``start`` (level, set point) within the scope.

    Labels that share a level and a rail's state to the nanosecond compete, with a ``budget``
    also a step of energy; ``crowd`` of them at most share a part of the rail's time. With a
    crowd of 1 all that share a part compete, with a budget also a step of the time left: such a
    search finds good ways at once, and says little of those it drops. The way of least cost is
    returned, or of least energy in the budget.
    """
    helpers = (_expand, _cell_of, _offer, _loses, _lead, _double, _collect)
    kernel = compiled(_labels, (*helpers, rail_index, part_of, step))
    within = budget or Budget(0.0, 1 << 60, scope.bound, scope.bound, np.inf, 1)
    cost, time_ns, level, wish, dropped, lost, labels = kernel(
        problem.tables, scope, within, start[0], start[1]
    )
    return Way(float(cost), int(time_ns), level, wish, float(dropped), float(lost), int(labels))


def _labels(
    tables: Tables, scope: Scope, budget: Budget, start_level: int, start_to: int
) -> Result:
    levels, points = tables.run.shape[1], tables.run.shape[2]
    rails, none = points * (points + 1) // 2, np.zeros(0, np.int64)
    costs, times, what = np.zeros(1024), np.zeros(1024, np.int64), np.zeros((1024, 7), np.int64)
    what[0, LEVEL], what[0, HELD], what[0, TO], what[0, PARENT] = (
        start_level,
        start_to,
        start_to,
        -1,
    )
    cells = np.full(rails * (scope.parts + 1) * budget.steps * levels, -1, np.int32)
    rail = rail_index(start_to, start_to)
    least_j = budget.energy_bound[0, rail, 0, start_level]
    # Nothing fits where the two energies are the same.
    step_j = max((budget.energy_j - least_j) / max(budget.steps - 1, 1), 1e-300)
    slack_ns = budget.deadline_ns - budget.time_bound[0, rail, 0, start_level]
    grid = (least_j, step_j, max(1.0, slack_ns / max(budget.steps - 1, 1)))
    first, last, lost, tally = 0, 1, 0.0, np.array([np.inf, 0.0])
    for j in range(len(scope.order)):
        lead, count, tally[LOSS] = _lead(tables, costs, what, first, last), last, 0.0
        for here in range(first, last):
            while count + levels * points > len(costs):
                costs, times, what = _double(costs, times, what)
            store = (costs, times, what, cells)
            count = _expand(j, here, count, tables, scope, budget, grid, lead, store, tally)
            if count > scope.most:
                return np.inf, 0, none, none, -np.inf, 0.0, count
        for here in range(last, count):
            cells[what[here, CELL]] = -1
        lost += tally[LOSS]
        first, last = last, count
    cost, time, level, wish = _collect(scope, budget, costs, times, what, first, last)
    return cost, time, level, wish, tally[DROPPED], lost, last


def _double(costs: Floats, times: Ints, what: Ints) -> tuple[Floats, Ints, Ints]:
    """Return the labels with as much room again."""
    size = 2 * len(costs)
    more = np.zeros(size), np.zeros(size, np.int64), np.zeros((size, what.shape[1]), np.int64)
    for i in range(len(costs)):
        more[0][i], more[1][i] = costs[i], times[i]
        for column in range(what.shape[1]):
            more[2][i, column] = what[i, column]
    return more


def _lead(tables: Tables, costs: Floats, what: Ints, first: int, last: int) -> Ints:
    """Return the cheapest and the second settled label of each set point and kind of level."""
    lead = np.full((tables.run.shape[2], len(tables.stalls), 2), -1, np.int64)
    for here in range(first, last):
        if what[here, LEFT] == 0:
            two = lead[what[here, TO], tables.kind[what[here, LEVEL]]]
            if two[0] < 0 or costs[here] < costs[two[0]]:
                two[1], two[0] = two[0], here
            elif two[1] < 0 or costs[here] < costs[two[1]]:
                two[1] = here
    return lead


def _expand(
    j: int,
    here: int,
    count: int,
    tables: Tables,
    scope: Scope,
    budget: Budget,
    grid: Grid,
    lead: Ints,
    store: Store,
    tally: Floats,
) -> int:
    """Take every step over layer ``j`` from label ``here``; return how many labels there are."""
    costs, times, what, cells = store
    run, wait, duration, moves = tables.run, tables.wait, tables.duration, tables.moves
    layer, limit, width, after_it = scope.order[j], scope.limit, scope.width, scope.bound[j + 1]
    level, held, to, left = what[here, 0], what[here, 1], what[here, 2], what[here, 3]
    kind = tables.kind[level]
    ahead = lead[to, kind]
    stalls = tables.stalls[kind]
    for wish in range(run.shape[2]):
        if wish != to and left > 0:
            continue  # no command while the rail moves
        for new in range(run.shape[1]):
            stall = 0 if new == level else stalls[new]
            # Of settled labels of one kind, the cheapest of another level is enough.
            first = ahead[1 if what[ahead[0], LEVEL] == new else 0]
            if stall > 0 and left == 0 and budget.steps == 1 and here != first:
                continue
            ran = duration[layer, new]
            at, holds, rest = step(held, to, left, wish, stall, ran, moves)
            cost = costs[here] + run[layer, new, at] + wait[layer, at] * stall
            rail, part = rail_index(holds, wish), part_of(rest, width)
            value = cost + after_it[rail, part, new]
            if not value < limit:
                continue
            time = times[here] + stall + ran
            cell = _cell_of(j, rail, part, new, cost, time, scope, budget, grid)
            into = _offer(cell, rest, cost, time, value, count, scope, budget, store, tally)
            if into >= 0:
                after = cells[cell] if into == count else what[into, NEXT]
                what[into, LEVEL], what[into, HELD], what[into, TO] = new, holds, wish
                what[into, LEFT], what[into, PARENT] = rest, here
                what[into, CELL], what[into, NEXT] = cell, after
                costs[into], times[into] = cost, time
            if into == count:
                cells[cell] = count
                count += 1
    return count


def _cell_of(
    j: int,
    rail: int,
    part: int,
    level: int,
    cost: float,
    time: int,
    scope: Scope,
    budget: Budget,
    grid: Grid,
) -> int:
    """Return the cell in which a label competes; -1 where it cannot keep the budget."""
    at = 0
    if budget.steps > 1:
        least_j, step_j, step_ns = grid
        slack = budget.deadline_ns - time - budget.time_bound[j + 1, rail, part, level]
        energy = cost - budget.price * time + budget.energy_bound[j + 1, rail, part, level]
        if energy >= budget.energy_j or slack < 0:
            return -1
        at = int(slack / step_ns) if scope.crowd == 1 else int(max(energy - least_j, 0.0) / step_j)
        at = min(at, budget.steps - 1)
    levels: int = scope.bound.shape[3]
    cell: int = ((rail * (scope.parts + 1) + part) * budget.steps + at) * levels + level
    return cell


def _offer(
    cell: int,
    rest: int,
    cost: float,
    time: int,
    value: float,
    count: int,
    scope: Scope,
    budget: Budget,
    store: Store,
    tally: Floats,
) -> int:
    """Return which label gives way, ``count`` for a place of its own, -1 where this one does."""
    if cell < 0:
        return -1
    costs, times, what, cells = store
    into, others = cells[cell], 0
    while into >= 0 and what[into, LEFT] != rest and scope.crowd > 1:
        into, others = what[into, NEXT], others + 1
    if into < 0:
        if others < scope.crowd:
            return count
        tally[DROPPED] = min(tally[DROPPED], value)
        return -1
    other, then = costs[into], times[into]
    loses = _loses(cost, time, other, then, scope.crowd, budget)
    if scope.crowd == 1:
        tally[DROPPED] = min(tally[DROPPED], value if loses else value - cost + other)
    elif budget.steps > 1:
        gain = (other - budget.price * then) - (cost - budget.price * time)
        tally[LOSS] = max(tally[LOSS], gain if loses else -gain)
    return -1 if loses else into


def _loses(cost: float, time: int, other: float, then: int, crowd: int, budget: Budget) -> bool:
    """Whether a label gives way to another: to the cheaper, or with a budget to the faster."""
    if budget.steps == 1 or crowd == 1:
        return other <= cost
    return then < time or (then == time and other <= cost)


def _collect(
    scope: Scope, budget: Budget, costs: Floats, times: Ints, what: Ints, first: int, last: int
) -> tuple[float, int, Ints, Ints]:
    """Return cost, time, levels and wishes of the best label at the end."""
    n, best, here = len(scope.order), np.inf, -1
    for label in range(first, last):
        rail = rail_index(what[label, HELD], what[label, TO])
        part = part_of(what[label, LEFT], scope.width)
        value = costs[label] + scope.bound[n, rail, part, what[label, LEVEL]]
        value -= budget.price * times[label]
        if value < best:
            best, here = value, label
    if here < 0:
        return np.inf, 0, np.zeros(0, np.int64), np.zeros(0, np.int64)
    cost, time = costs[here], times[here]
    level, wish = np.zeros(n, np.int64), np.zeros(n, np.int64)
    for j in range(n - 1, -1, -1):
        level[j], wish[j] = what[here, LEVEL], what[here, TO]
        here = what[here, PARENT]
    return cost, time, level, wish
