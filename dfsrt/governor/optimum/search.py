"""The search for frames that repeat: value iteration first, then what its bounds leave open."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from dfsrt.base.arrays import Floats, Ints, Mask
from dfsrt.governor.optimum import effort
from dfsrt.governor.optimum.aim import Place
from dfsrt.governor.optimum.budget import Budget
from dfsrt.governor.optimum.cuts import first_layers
from dfsrt.governor.optimum.follow import best_beginning, followed
from dfsrt.governor.optimum.goal import Goals
from dfsrt.governor.optimum.grid import COARSE, DEEPEST, FINER
from dfsrt.governor.optimum.labels import Quest, Ways, ways_around
from dfsrt.governor.optimum.lock import Lock
from dfsrt.governor.optimum.parts import Parts
from dfsrt.governor.optimum.space import Space
from dfsrt.governor.optimum.steps import States
from dfsrt.governor.optimum.sweep import ToGo, begin_row, guide, round_trip, swept
from dfsrt.governor.optimum.terms import SAME
from dfsrt.governor.plan import Plan

MOST_SWEEPS = 6
"""Sweeps of one grid at most."""
ROUNDS = 8
"""Grids that are tried at most, each finer where the one before was too coarse."""
RISES = 0.1
"""A sweep whose bound rises by less than this share of the open gap is the last of its grid."""
WIDE = 0.02
"""A layer is looked at more finely where it makes up such a share of the open gap, or more."""
LOCKS = 16
"""Parts of the time that the memory's clock is locked after a change, where that matters."""
BYTES_IN_TABLE, BYTES_A_STATE = 24, 16
"""Memory of a run in a table, and of a state in the rows of a goal and its guide."""
BYTES_A_RUN, BYTES_A_STEP = 60, 24
"""Memory of a label, about: of each run while it is made, and of each step of its way back."""

Take = Callable[[Plan], None]
"""Takes a plan that was found, to judge it."""
Open = Callable[[Floats], Floats]
"""Takes bounds, and says what is open above them: 0 where nothing more is needed, by goal."""


@dataclass(frozen=True, slots=True)
class Swept:
    """What value iteration left: the grid, and the costs to go of goals that were open last.

    ``worth`` is what a frame's end is worth, ``(n_goals, n_states)``, which no grid changes.
    """

    parts: Parts
    to_go: ToGo
    worth: Floats


class Search:
    """One view's tables, made when they are needed, and searches within a budget."""

    def __init__(self, space: Space, budget: Budget, take: Take) -> None:
        self.space, self.budget, self._take = space, budget, take
        self._parts: Parts | None = None
        self._depth = np.zeros(space.n, dtype=np.int64)
        self._depth[0] = 1  # stays, so that what a frame's end is worth is known in any grid
        self._lock, self._changes = Lock(space), False
        self._guided: tuple[ToGo, list[Floats]] | None = None

    @property
    def parts(self) -> Parts | None:
        """The space in the parts that are needed so far; None where its tables would not fit."""
        if (
            self._parts is None
            and self._table_bytes(self._depth, self._lock) <= self.budget.memory_bytes
        ):
            every = np.ones(self.space.n, dtype=bool)
            self.budget.work(effort.TABLE_CELL_NS * self._runs(self._depth, every))
            self._parts = Parts(self.space, self._depth, lock=self._lock)
        return self._parts

    def fitted(self, worth: Floats) -> Floats:
        """Return what a frame's end is worth in the parts of now, ``(n_goals, n_states)``."""
        states = worth.shape[1] if self._parts is None else self._parts.states(0)
        return np.tile(worth, states // worth.shape[1])

    def at_once(self) -> int:
        """Return how many goals can be swept at once."""
        left = self.budget.memory_bytes - self._table_bytes(self._depth, self._lock)
        return max(1, min(16, left // (BYTES_A_STATE * self._states(self._depth, self._lock))))

    def sweep(
        self, goals: Goals, open_: Open, worth: Floats | None = None, rounds: int = ROUNDS
    ) -> Swept | None:
        """Iterate, in ever finer parts, until nothing is open; plans found are taken.

        Iteration begins with what a frame's end is ``worth``, ``(n_goals, n_states)``, where that
        is known about. Where there are several goals, those that are closed are swept no further.
        """
        parts = self.parts
        if parts is None or self.budget.spent:
            return None
        bound, on, found = np.full(len(goals), -np.inf), np.arange(len(goals)), None
        least = 1 if worth is not None else 2
        worth = np.zeros((len(goals), parts.states(0))) if worth is None else self.fitted(worth)
        for count in range(rounds):
            to_go = self._iterate(parts, goals, on, worth, bound, open_, least)
            if to_go is None:
                break
            found, least = Swept(parts, to_go, worth), 1
            slack, left = self._follow(parts, goals, on, to_go, open_(bound)[on])
            gap = open_(bound)[on]
            keep = left[gap[left] > 0.0]
            if not len(keep) or count == rounds - 1:
                break
            finer = self._finer(parts, slack[gap[left] > 0.0], gap[keep])
            if finer is None:
                break
            parts, on, worth = finer, on[keep], self.fitted(worth)
        return found

    def _iterate(
        self,
        parts: Parts,
        goals: Goals,
        on: Ints,
        worth: Floats,
        bound: Floats,
        open_: Open,
        least: int,
    ) -> ToGo | None:
        """Sweep some goals in one grid until bounds rise no more; note bounds and worth."""
        found = None
        for count in range(1, MOST_SWEEPS + 1):
            to_go = swept(parts, goals.some(on), worth[on], self.budget)
            if to_go is None:
                return found
            found, rises = to_go, to_go.bound - bound[on]
            worth[on] = begin_row(parts, to_go.rows) - to_go.bound[:, None]
            bound[on] = np.maximum(bound[on], to_go.bound)
            gap = open_(bound)[on]
            more = (rises > np.maximum(RISES * gap, SAME * np.abs(bound[on]))) & (gap > 0.0)
            if count >= least and (least == 1 or not more.any()):
                break
        return found

    @property
    def places(self) -> list[Place]:
        """Where rail and memory may rest: by the frame's end, and the next one's beginning."""
        return list(product(range(self.space.points), range(self.space.memories)))

    def round_trips(self, goals: Goals) -> Floats | None:
        """Return what no frame from rest to rest at one set point is below, by ``places``.

        That is ``(n_goals, n_places)``, infinite where no frame is; plans found are taken. None
        where nothing is left to look with.
        """
        parts, space = self.parts, self.space
        least = np.full((len(goals), len(self.places)), np.inf)
        for which, place in enumerate(self.places):
            point, memory = place
            if parts is None or self.budget.spent:
                return None
            rows = round_trip(parts, goals, point, self.budget)
            if rows is None:
                return None
            begin = rows[0][:, point * space.levels :][:, : space.levels]
            begin = np.where(space.may[point] & (space.memory == memory), begin, np.inf)
            least[:, which] = begin.min(axis=1)
            some = np.flatnonzero(np.isfinite(least[:, which]))
            if len(some):
                rows = [row[some] for row in rows]
                self._follow_from(parts, goals.some(some), rows, begin[some].argmin(axis=1), place)
        return least

    def _follow_from(
        self, parts: Parts, goals: Goals, rows: list[Floats], level: Ints, place: Place
    ) -> None:
        at = np.full(len(level), place[0])
        begin = States(level, at, at, 0 * at, 0 * at)
        with np.errstate(invalid="ignore"):  # beyond what leads to the end
            levels, wishes, _ = followed(parts, goals, rows, rows, begin, self.budget, place[1])
        for each in zip(levels, wishes, strict=True):
            self._take(self.plan(*each))

    def _follow(
        self, parts: Parts, goals: Goals, on: Ints, to_go: ToGo, gap: Floats
    ) -> tuple[Floats, Ints]:
        """Take good plans for goals that are open; return what each layer adds to their gap.

        That is ``(n_open, n_layers)``, with the numbers of the open ones among ``on``.
        """
        left = np.flatnonzero(gap > 0.0)
        slack = np.zeros((len(left), self.space.n))
        if not len(left):
            return slack, left
        some, rows = goals.some(on[left]), [row[left] for row in to_go.rows]
        guided = guide(parts, some, rows[-1], self.budget)
        if guided is not None:
            self._guided = (to_go, guided) if len(goals) == len(on) == len(left) == 1 else None
            begin = best_beginning(parts, begin_row(parts, guided) - rows[-1])
            level, wish, slack = followed(parts, some, guided, rows, begin, self.budget)
            for each in zip(level, wish, strict=True):
                self._take(self.plan(*each))
            memory = self.space.memory[level]
            self._changes |= bool((memory != memory[:, :1]).any())
        return slack, left

    def _finer(self, parts: Parts, slack: Floats, gap: Floats) -> Parts | None:
        """Divide the parts around layers that make up much of a gap; None where none can be."""
        wide = (slack > WIDE * gap[:, None]).any(axis=0)
        return self._deeper(parts, self._depth + within_a_move(np.asarray(wide), self.space))

    def deepen(self, depth: int) -> None:
        """Divide all parts so often at least, where there is room."""
        if self.parts is not None:
            self._deeper(self.parts, np.maximum(self._depth, depth))

    def _deeper(self, parts: Parts, depth: Ints) -> Parts | None:
        depth[0] = self._depth[0]
        depth, lock = np.minimum(depth, DEEPEST), self._lock
        if self._changes and self.space.delay_ns and not (lock.most or self.space.holds):
            lock = Lock(self.space, LOCKS)
        same = (depth == self._depth).all() and lock is self._lock
        if same or self.budget.spent:
            return None
        if self._table_bytes(depth, lock) > self.budget.memory_bytes:
            return None
        new = depth != self._depth
        self.budget.work(effort.TABLE_CELL_NS * self._runs(depth, new | np.roll(new, -1)))
        self._depth, self._lock = depth, lock
        self._parts = Parts(self.space, depth, parts, lock)
        return self._parts

    def ways(
        self,
        swept_: Swept,
        goals: Goals,
        below: Floats,
        rivals: Sequence[int],
        most: int,
        enough: float | None,
    ) -> tuple[list[Ways], float]:
        """Search ways around from all beginnings; return them, and the least that was left out.

        ``below`` is ``(n_steps, n_goals)``. Without ``enough`` one beginning is tried, and what was
        left out is not known; with it a search that has left out what costs less is given up.
        """
        space = self.space
        each = BYTES_A_RUN * space.points * space.levels + BYTES_A_STEP * space.n
        most = max(10, min(most, self.budget.memory_bytes // (2 * each)))
        first_goal = self._guide(swept_, goals)
        if first_goal is None:
            return [], -np.inf
        found, dropped = [], np.inf
        least = -np.inf if enough is None else enough
        quest = Quest(goals, swept_.to_go, first_goal, below, tuple(rivals), most, least)
        for first in first_layers(self.space)[: 1 if enough is None else None]:
            ways = ways_around(swept_.parts, quest, first, self.budget)
            dropped = min(dropped, ways.dropped)
            if len(ways.cost):
                found.append(ways)
            if dropped < least:
                break
        return found, dropped

    def _guide(self, swept_: Swept, goals: Goals) -> list[Floats] | None:
        """The guide in the first goal, ``(n_states,)`` a row; None without time for it."""
        to_go = swept_.to_go
        if self._guided is None or self._guided[0] is not to_go:
            alone = goals.some(np.array([0]))
            rows = guide(swept_.parts, alone, to_go.rows[-1][:1], self.budget)
            if rows is None:
                return None
            self._guided = to_go, rows
        return [row[0] for row in self._guided[1]]

    def plan(self, level: Ints, wish: Ints) -> Plan:
        """Return the plan of levels and indices of set points, ``(n_layers,)`` each."""
        return Plan(level, self.space.view.set_points_uv[wish])

    def _runs(self, depth: Ints, which: Mask) -> int:
        """Runs from a moving rail in the tables of layers ``which``, about."""
        space = self.space
        width = np.maximum(1, space.longest_ns // (COARSE * FINER**depth))
        reach = np.maximum(space.longest_ns - np.roll(space.least_ns, 1), 0)
        parts = (-(-reach // width) + (reach > 0))[which]
        return int((space.n_kinds * space.levels * space.n_moves * parts).sum())

    def _states(self, depth: Ints, lock: Lock) -> int:
        """States before all layers, about."""
        space = self.space
        moving = self._runs(depth, np.ones(space.n, dtype=bool)) // space.n_kinds
        free = int(moving + space.n * space.levels * space.points)
        return free * (1 + int(lock.count.max()))

    def _table_bytes(self, depth: Ints, lock: Lock) -> int:
        settled = self.space.n * self.space.n_kinds * self.space.points**2 * self.space.levels
        moving = self._runs(depth, np.ones(self.space.n, dtype=bool))
        states = self._states(depth, lock)
        return 32 * settled + BYTES_IN_TABLE * moving + BYTES_A_STATE * states


def within_a_move(wide: Mask, space: Space) -> Ints:
    """Return 1 for layers nearer than the longest move to one in ``wide``, ``(n_layers,)`` both."""
    n, least_ns = space.n, space.least_ns
    times = 1 + space.longest_ns // max(1, int(least_ns.sum()))
    end = np.cumsum(np.tile(least_ns, 2 * times + 1))
    middle = times * n + np.flatnonzero(wide)
    begin_ns = end[middle] - least_ns[middle % n]
    first = np.searchsorted(end, begin_ns - space.longest_ns, side="right")
    stop = np.searchsorted(end, end[middle] + space.longest_ns) + 1
    near = np.zeros(n, dtype=np.int64)
    for begin, past in zip(first.tolist(), stop.tolist(), strict=True):
        near[np.arange(begin, min(past, begin + n)) % n] = 1
    return near
