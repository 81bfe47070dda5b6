"""The best frame that follows itself: where it may begin, and the search from each beginning."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from dfsrt.base.arrays import Floats, Ints
from dfsrt.governor.optimum.bound import SAME_COST, cost_to_go
from dfsrt.governor.optimum.follow import follow
from dfsrt.governor.optimum.labels import Budget, Scope, Way, best_way
from dfsrt.governor.optimum.problem import Problem
from dfsrt.governor.optimum.steps import part_of, rail_index

MOST_STATES = 15_000_000
"""A division of the rail's time with more states than this is left out."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How hard one pass of a search tries.

    The longest move is divided into ``parts``; in a search with exact times up to ``crowd``
    labels share one, and it is given up beyond ``labels``.
    """

    parts: int
    crowd: int
    labels: int


class Passes(NamedTuple):
    """Passes of a search, the next where the gap is still open: without a deadline, and within."""

    free: tuple[Effort, ...]
    in_time: tuple[Effort, ...]


_FREE = (Effort(4, 64, 60_000), Effort(32, 64, 60_000))
_IN_TIME = (Effort(4, 1, 300_000), Effort(4, 1, 3_000_000), Effort(4, 256, 1_000_000))
QUICK = Passes((*_FREE[:1], Effort(32, 1, 100_000)), _IN_TIME[:1])
"""Finds good frames, but bounds of long networks stay loose."""
USUAL = Passes((*_FREE, Effort(128, 1, 100_000), Effort(256, 64, 1_000_000)), _IN_TIME)
THOROUGH = Passes(USUAL.free, (*_IN_TIME, Effort(4, 256, 4_000_000)))
MOST_CELLS = 10_000_000
"""Cells that tell labels of different energy, or time left, apart where there is a deadline."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """A time within which frames must stay, with a known energy to beat.

    ``time`` and ``energy`` are the problems of either alone.
    """

    time: Problem
    energy: Problem
    limit_ns: int
    known_j: float


@dataclass(frozen=True, slots=True)
class Cycle:
    """The best frame found, by layer: levels and the rail's set points; none where empty.

    ``cost`` is in the problem's unit, infinite where none was found below the limit; no frame
    of the searched kind costs less than ``bound``.
    """

    cost: float
    bound: float
    level: Ints
    wish: Ints


class Start(NamedTuple):
    """A beginning: right after ``layer`` ran at ``level``, the rail settled at set point ``to``.

    No frame that begins so costs less than ``bound``.
    """

    bound: float
    layer: int
    level: int
    to: int


def best_cycle(
    problem: Problem,
    tolerance: float = 0.0,
    limit: float = np.inf,
    deadline: Deadline | None = None,
    passes: Sequence[Effort] = THOROUGH.free,
    enough: float = 0.0,
) -> Cycle:
    """Return the frame of least cost below ``limit`` that ends in the state it began in.

    A frame may begin at any of ``cut_layers``, which is enough to find every frame that repeats,
    ramps across its boundaries included. With a period in the view a frame begins at layer 0,
    the rail settled. The search stops where the best and its bound differ by ``tolerance`` or
    less, as a share, after a pass also where they differ by less than ``enough``, and where it
    would grow too large. With a ``deadline`` costs are those at its price.
    """
    search = _Search(problem, tolerance, limit, deadline)
    for number, effort in enumerate(passes):
        if number == 0 or search.may_divide(effort.parts):
            search.go(effort)
        if search.closed or search.best - search.bound < enough:
            break
    return search.cycle


def cut_layers(problem: Problem) -> list[int]:
    """Return layers of which one, in every frame that repeats, ends with a settled rail.

    A rail that is commanded before the first of them has settled after the last: together they
    take longer than any move. The shortest such run of layers is taken; of equally short ones
    the one whose choice of clock matters most. All layers where a frame is shorter than a move.
    """
    n = len(problem.least_ns)
    if problem.view.period_ns is not None:
        return [n - 1]
    longest = int(problem.move_ns.max())
    if longest == 0:
        return [_most_telling(problem, list(range(n)))]
    total = np.concatenate(([0], np.cumsum(np.tile(problem.least_ns, 2))))
    # From layer i on, so many layers take the longest move or more.
    need = np.searchsorted(total, total[:n] + longest) - np.arange(n)
    shortest = int(need.min())
    if shortest >= n:
        return list(range(n))
    first = _most_telling(problem, np.flatnonzero(need == shortest).tolist())
    return [(first + i) % n for i in range(shortest)]


def _most_telling(problem: Problem, layers: list[int]) -> int:
    """The layer whose second-best clock costs most more than its best: few states to try there."""
    cost = np.sort(problem.run[layers].min(axis=2), axis=1)
    if cost.shape[1] == 1:
        return layers[0]
    return layers[int(np.argmax(cost[:, 1] - cost[:, 0]))]


class _Search:
    """The state of one search: the best frame so far and what bounds it."""

    def __init__(
        self, problem: Problem, tolerance: float, limit: float, deadline: Deadline | None
    ) -> None:
        self.problem = problem
        self.tolerance = tolerance
        self.deadline = deadline
        self.best = limit
        self.bound = -np.inf
        self.cost = np.inf
        self.level = self.wish = np.zeros(0, dtype=np.int64)
        self.cuts = cut_layers(problem)
        self.n, self.n_levels, self.n_points = (int(size) for size in problem.run.shape)
        self.n_rails = self.n_points * (self.n_points + 1) // 2

    @property
    def cycle(self) -> Cycle:
        return Cycle(self.cost, min(self.bound, self.best), self.level, self.wish)

    @property
    def closed(self) -> bool:
        return self._near(self.bound)

    def may_divide(self, parts: int) -> bool:
        return self.n * self.n_rails * parts * self.n_levels <= MOST_STATES

    def go(self, effort: Effort) -> None:
        """Search once; bring up the bound, or find a better frame, or both."""
        self.effort, self.labels_left = effort, effort.labels
        self.like: dict[int, Floats] = {}  # a bound for any end, by cut
        self.width = max(1, part_of(int(self.problem.move_ns.max()), effort.parts))
        self.parts = part_of(int(self.problem.move_ns.max()), self.width)
        starts = sorted(start for layer in self.cuts for start in self._starts(layer))
        least = self.best
        for start in starts:
            if self._near(start.bound):
                # The others are bounded higher still.
                least = min(least, start.bound)
                break
            least = min(least, self._from(start))
        self.bound = max(self.bound, min(least, self.best))

    def _near(self, bound: float) -> bool:
        """Whether nothing above ``bound`` is worth looking for."""
        return bool(bound >= self._below(max(self.tolerance, SAME_COST)))

    def _below(self, share: float) -> float:
        """What is better than the best so far by a share of it; infinite before the first."""
        return self.best - share * abs(self.best) if np.isfinite(self.best) else np.inf

    def _order(self, first: int) -> Ints:
        return np.roll(np.arange(self.n), -first)

    def _starts(self, layer: int) -> list[Start]:
        """Every beginning after ``layer``, with a bound from frames that need not close."""
        end = np.zeros((self.n_rails, self.n_levels))
        order = self._order(layer)
        self.like[layer] = cost_to_go(self.problem, order, self.parts, self.width, end)
        after = self.like[layer][1]
        run = np.minimum.accumulate(self.problem.run[layer], axis=1)
        return [
            Start(float(run[level, to] + after[rail_index(to, to), 0, level]), layer, level, to)
            for to in range(self.n_points)
            for level in range(self.n_levels)
            if np.isfinite(run[level, to])
        ]

    def _from(self, start: Start) -> float:
        """Search from one beginning; return a bound on the frames that begin there."""
        if not self.labels_left:
            return start.bound
        order = self._order(start.layer + 1)
        to_go = self._to_go(self.problem, order, start)
        rail = rail_index(start.to, start.to)
        bound = max(start.bound, float(to_go[0, rail, 0, start.level]))
        if self._near(bound):
            return bound
        if self.deadline is None:
            at = (start.level, start.to)
            cost, level, wish = follow(self.problem, order, self.width, at, to_go)
            self._take(cost, order, level, wish)
            if self._near(bound):
                return bound
        way = self._search(order, start, to_go)
        return max(bound, min(way.dropped, self.best) - way.lost)

    def _to_go(self, problem: Problem, order: Ints, start: Start) -> Floats:
        end = np.full((self.n_rails, self.n_levels), np.inf)
        end[rail_index(start.to, start.to), start.level] = 0.0
        like = self.like[start.layer] if problem is self.problem else None
        return cost_to_go(problem, order, self.parts, self.width, end, like)

    def _search(self, order: Ints, start: Start, to_go: Floats) -> Way:
        limit = self._below(SAME_COST)
        at = (start.level, start.to)
        crowd, most = self.effort.crowd, self.labels_left
        scope = Scope(order, self.parts, self.width, to_go, limit, most, crowd)
        if self.deadline is None:
            way = best_way(self.problem, scope, at)
            return self._took(way, way.cost, order)
        budget = self._budget(self.deadline, order, start)
        way = best_way(self.problem, scope, at, budget)
        # Time left before the deadline is worth nothing, so it is charged at the price.
        cost = way.cost + budget.price * (budget.deadline_ns - way.time_ns)
        return self._took(way, cost, order)

    def _took(self, way: Way, cost: float, order: Ints) -> Way:
        self.labels_left = max(0, self.labels_left - way.labels)
        self._take(cost, order, way.level, way.wish)
        return way

    def _budget(self, deadline: Deadline, order: Ints, start: Start) -> Budget:
        charge = self.problem.price * deadline.limit_ns
        states = self.n_rails * (self.parts + 1) * self.n_levels
        # A crowd of 1 must not outgrow its labels; a larger one is thinned out by the bounds.
        cells = self.effort.labels // self.n if self.effort.crowd == 1 else self.effort.labels * 4
        return Budget(
            self.problem.price,
            deadline.limit_ns,
            self._to_go(deadline.time, order, start),
            self._to_go(deadline.energy, order, start),
            min(deadline.known_j, self.best - charge),
            max(2, min(cells, MOST_CELLS) // states),
        )

    def _take(self, cost: float, order: Ints, level: Ints, wish: Ints) -> None:
        if cost < self.best:
            self.best = self.cost = cost
            self.level, self.wish = np.empty_like(level), np.empty_like(wish)
            self.level[order], self.wish[order] = level, wish
