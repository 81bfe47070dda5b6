"""The search for frames that repeat: value iteration first, then what its bounds leave open."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from dfsrt.base.arrays import Floats, Ints, Mask
from dfsrt.governor.optimum.budget import Budget
from dfsrt.governor.optimum.cuts import first_layers
from dfsrt.governor.optimum.follow import best_beginning, followed
from dfsrt.governor.optimum.goal import Goals
from dfsrt.governor.optimum.labels import Quest, Ways, ways_around
from dfsrt.governor.optimum.parts import Parts
from dfsrt.governor.optimum.space import Space
from dfsrt.governor.optimum.sweep import ToGo, begin_row, guide, swept
from dfsrt.governor.plan import Plan

DIVISIONS = (8, 32, 128)
"""Parts of the longest move, the next where the gap is still open."""
MOST_SWEEPS = 6
BYTES_A_RUN, BYTES_A_STEP = 60, 24
"""Memory of a label, about: of each run while it is made, and of each step of its way back."""
SAME = 1e-10
"""Bounds that differ by less than this share are the same: sums are made in another order."""

Take = Callable[[Plan], None]
"""Takes a plan that was found, to judge it."""
Closed = Callable[[Floats], Mask]
"""Takes bounds, and says which goals need nothing more, ``(n_goals,)`` both."""


@dataclass(frozen=True, slots=True)
class Swept:
    """What value iteration left: the division, costs to go, and the best bound ``(n_goals,)``."""

    parts: Parts
    to_go: ToGo
    bound: Floats


class Search:
    """One view's tables, made when they are needed, and searches within a budget."""

    def __init__(self, space: Space, budget: Budget, take: Take) -> None:
        self.space, self.budget, self._take = space, budget, take
        self._parts: dict[int, Parts] = {}

    @property
    def divisions(self) -> tuple[int, ...]:
        """The divisions to try: where most layers are shorter than a part, ramps look too short."""
        space = self.space
        fine = space.longest_ns > np.median(space.least_ns) * DIVISIONS[0]
        long = space.least_ns.sum() > space.longest_ns
        return DIVISIONS[1:] if fine and long else DIVISIONS

    def parts(self, division: int) -> Parts | None:
        """Return the space in so many parts; None where its tables would not fit."""
        if division not in self._parts:
            if self._table_bytes(division) > self.budget.memory_bytes:
                return None
            kept = sum(self._table_bytes(known) for known in self._parts)
            if kept + self._table_bytes(division) > self.budget.memory_bytes // 2:
                self._parts = {}
            self._parts[division] = Parts(self.space, division)
        return self._parts[division]

    def at_once(self, division: int) -> int:
        """Return how many goals can be swept at once."""
        left = self.budget.memory_bytes - self._table_bytes(division)
        return max(1, min(16, left // (4 * 8 * self._states(division))))

    def sweep(self, division: int, goals: Goals, closed: Closed) -> Swept | None:
        """Iterate until the bounds stop rising or all are ``closed``; plans found are taken."""
        parts = self.parts(division)
        if parts is None or self.budget.spent:
            return None
        end = np.zeros((len(goals), parts.states(0)))
        bound = np.full(len(goals), -np.inf)
        to_go = swept(parts, goals, end, self.budget)
        found = None
        for count in range(1, MOST_SWEEPS):
            if to_go is None:
                break
            end = begin_row(parts, to_go.rows) - to_go.bound[:, None]
            to_go = swept(parts, goals, end, self.budget)
            if to_go is None:
                break
            risen = (to_go.bound > bound + SAME * np.abs(bound)).any() if count > 1 else True
            bound = np.maximum(bound, to_go.bound)
            found = Swept(parts, to_go, bound)
            open_ = np.flatnonzero(~closed(bound))
            if len(open_) and (count == 1 or not risen):
                self._follow(parts, goals.some(open_), to_go.rows[-1][open_])
                open_ = np.flatnonzero(~closed(bound))
            if not len(open_) or not risen:
                break
        return found

    def around(
        self,
        swept_: Swept,
        goals: Goals,
        below: Floats,
        rivals: Sequence[int],
        most: int,
        cuts: int | None,
    ) -> tuple[list[Ways], float]:
        """Search ways around from every beginning; return them, and the least that was left out.

        ``below`` is ``(n_steps, n_goals)``. With ``cuts`` only so many beginnings are tried: then
        what was left out is not known.
        """
        space = self.space
        each = BYTES_A_RUN * space.points * space.levels + BYTES_A_STEP * space.n
        most = max(10, min(most, self.budget.memory_bytes // (2 * each)))
        first_alone, end = goals.some(np.array([0])), swept_.to_go.rows[-1][:1]
        guided = guide(swept_.parts, first_alone, end, self.budget)

        if guided is None:
            return [], -np.inf
        first_goal = [row[0] for row in guided]
        found, dropped = [], np.inf
        for first in first_layers(self.space)[:cuts]:
            quest = Quest(goals, swept_.to_go, first_goal, below, tuple(rivals), most)
            ways = ways_around(swept_.parts, quest, first, self.budget)
            dropped = min(dropped, ways.dropped)
            if len(ways.cost):
                found.append(ways)
        return found, dropped

    def plan(self, level: Ints, wish: Ints) -> Plan:
        """Return the plan of levels and indices of set points, ``(n_layers,)`` each."""
        return Plan(level, self.space.view.set_points_uv[wish])

    def _follow(self, parts: Parts, goals: Goals, end: Floats) -> None:
        """Take good plans, given what the end of a frame is worth."""
        rows = guide(parts, goals, end, self.budget)
        if rows is None:
            return
        begin = best_beginning(parts, begin_row(parts, rows) - end)
        for level, wish in zip(*followed(parts, goals, rows, begin, self.budget), strict=True):
            self._take(self.plan(level, wish))

    def _states(self, division: int) -> int:
        """States before all layers, about."""
        space = self.space
        width = max(1, -(-space.longest_ns // division))
        reach = np.maximum(space.longest_ns - np.roll(space.least_ns, 1), 0)
        parts = -(-reach // width)
        return int((space.levels * (space.points + space.n_moves * parts)).sum())

    def _table_bytes(self, division: int) -> int:
        settled = self.space.n * len(self.space.stalls) * self.space.points**2 * self.space.levels
        return 32 * settled + 32 * len(self.space.stalls) * self._states(division)
