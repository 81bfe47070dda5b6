"""The program: prices of time from a piecewise-linear optimum, by HiGHS."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from dfsrt.base.arrays import Floats, Ints
from dfsrt.governor.bound.prices import bound_j, group_prices_w, scarce
from dfsrt.governor.bound.tasks import Tasks

if TYPE_CHECKING:
    from scipy.sparse import csr_array

MOST_COLUMNS = 300_000
"""Variables of a program."""
MOST_CORNERS = 24
"""Corners of a frontier in the program; prices are then judged by all of them."""


@dataclass
class _Rows:
    """A sparse matrix that is being written, entry by entry."""

    row: list[Ints] = field(default_factory=list)
    column: list[Ints] = field(default_factory=list)
    value: list[Floats] = field(default_factory=list)

    def add(self, row: Ints, column: Ints, value: float | Floats) -> None:
        row, column = np.broadcast_arrays(row, column)
        self.row.append(row.ravel())
        self.column.append(column.ravel())
        self.value.append(np.broadcast_to(np.asarray(value, dtype=np.float64), row.shape).ravel())

    def matrix(self, rows: int, columns: int) -> csr_array:
        from scipy.sparse import csr_array

        entries = [np.concatenate(part) for part in (self.value, self.row, self.column)]
        return csr_array((entries[0], (entries[1], entries[2])), shape=(rows, columns))


def program_prices_w(tasks: Tasks, idle_w: Floats, time_s: float) -> Floats | None:
    """Return the prices of time at the fluid optimum, ``(n_intervals,)``.

    A class of tasks with one deadline has a pool of seconds, filled at their releases and emptied
    in the intervals; the NPU has each interval once. Where time is free and waiting takes the same
    everywhere no program is needed. None where it is too large, or the solver has not ended within
    ``time_s``.
    """
    easy, crowd = group_prices_w(tasks, idle_w), tasks.of(scarce(tasks, idle_w, uneven=True))
    if not len(crowd.kind):
        return easy
    model = _Model(crowd, idle_w)
    if len(model.cost) > MOST_COLUMNS:
        return None
    from scipy.optimize import linprog

    unit_j = max(float(np.abs(model.cost).max()), 1e-300)
    done = linprog(
        model.cost / unit_j,
        A_ub=model.room,
        b_ub=crowd.length_s / model.unit_s,
        A_eq=model.pools,
        b_eq=model.filled,
        bounds=np.stack([np.zeros(len(model.most)), model.most], axis=1),
        method="highs",
        options={"time_limit": time_s},
    )
    if done.status != 0:
        return None
    solved = np.where(
        crowd.intervals.covered(), np.maximum(-done.ineqlin.marginals, 0.0) * unit_j, easy
    )
    # Rounding may leave the solver's a hair below.
    return max((solved, easy), key=lambda prices: bound_j(tasks, idle_w, prices))


class _Model:
    """The linear program: variables are seconds of frontier pieces, of intervals, and of pools."""

    def __init__(self, tasks: Tasks, idle_w: Floats) -> None:
        self.unit_s = float(tasks.length_s.sum()) / len(tasks.length_s)
        piece_task, width, slope = _pieces(tasks)
        begin, _, offset, cells = _classes(tasks)
        group = np.repeat(np.arange(len(begin)), np.diff(np.append(offset, cells)))
        interval = np.arange(cells) - offset[group] + begin[group]
        pieces, cell = len(width), np.arange(cells)
        last_cell = np.append(offset[1:], cells) - 1
        task_cell = offset[_class_of(tasks)] + tasks.first - begin[_class_of(tasks)]
        pool = np.setdiff1d(cell, last_cell)  # what a class has left after its last is nothing
        place = np.full(cells, -1)
        place[pool] = pieces + cells + np.arange(len(pool))
        room, pools = _Rows(), _Rows()
        room.add(interval, pieces + cell, 1.0)
        # left before + filled = run here + left after
        pools.add(cell, pieces + cell, 1.0)
        pools.add(pool, place[pool], 1.0)
        pools.add(pool + 1, place[pool], -1.0)
        pools.add(task_cell[piece_task], np.arange(pieces), -1.0)
        columns = pieces + cells + len(pool)
        self.room = room.matrix(len(tasks.length_s), columns)
        self.pools = pools.matrix(cells, columns)
        self.filled = np.bincount(task_cell, tasks.least_s / self.unit_s, minlength=cells)
        self.cost = np.zeros(columns)
        self.cost[:pieces] = slope
        self.cost[pieces : pieces + cells] = -idle_w[interval]
        self.most = np.full(columns, np.inf)
        self.most[:pieces] = width / self.unit_s


def _pieces(tasks: Tasks) -> tuple[Ints, Floats, Floats]:
    """The task, width and slope of each piece of each task's frontier, ``(n_pieces,)`` each."""
    coarse = [kind.coarse(MOST_CORNERS) for kind in tasks.kinds]
    sizes = np.array([len(c.time_s) - 1 for c in coarse])
    widths = np.concatenate([np.diff(c.time_s) for c in coarse])
    slopes = np.concatenate([c.slopes_w for c in coarse])
    begin = np.cumsum(sizes) - sizes
    of_task = sizes[tasks.kind]
    task = np.repeat(np.arange(len(tasks.kind)), of_task)
    within = np.arange(len(task)) - np.repeat(np.cumsum(of_task) - of_task, of_task)
    piece = begin[tasks.kind[task]] + within
    return task, widths[piece] * tasks.count[task], slopes[piece]


def _class_of(tasks: Tasks) -> Ints:
    """The class of each task: tasks with the same deadline, ``(n_tasks,)``."""
    return np.asarray(np.unique(tasks.last, return_inverse=True)[1])


def _classes(tasks: Tasks) -> tuple[Ints, Ints, Ints, int]:
    """First and last time of each class, its first cell, and how many cells there are."""
    ends, group = np.unique(tasks.last, return_inverse=True)
    begin = np.full(len(ends), np.iinfo(np.int64).max)
    np.minimum.at(begin, group, tasks.first)
    size = ends - begin
    return begin, ends, np.cumsum(size) - size, int(size.sum())
