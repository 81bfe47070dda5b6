"""Critical groups: which jobs share which intervals, by division."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from dfsrt.base.arrays import Floats, Ints, Mask

MOST_PLACES = 16_000_000
"""Pairs of a release and a deadline that are looked at at once: 4,000 jobs that all overlap."""
TOLERANCE = 1e-12
"""Excess of time, as a share of all of it, that is none."""

Group = tuple[Ints, Ints]
"""Numbers of jobs, and of the intervals in which they run."""
Spread = Callable[[Ints, float], Floats]
"""Gives jobs, by number, the time that each wants of so much for all, ``(n_jobs,)``."""


@dataclass(frozen=True)
class Intervals:
    """Jobs on a grid: interval number ``first`` to before ``last`` is a job's window.

    ``first`` and ``last`` are ``(n_jobs,)``; ``length`` ``(n_intervals,)`` is the time
    that is left in each interval, 0 where it is taken.
    """

    first: Ints
    last: Ints
    length: Floats

    def of(self, jobs: Ints | Mask) -> Intervals:
        """Return some of the jobs: numbers or a mask, ``(n_jobs,)``."""
        return Intervals(self.first[jobs], self.last[jobs], self.length)

    def covered(self) -> Mask:
        """Return which intervals lie in the window of any job, ``(n_intervals,)``."""
        steps = np.zeros(len(self.length) + 1, dtype=np.int64)
        np.add.at(steps, self.first, 1)
        np.add.at(steps, self.last, -1)
        return np.cumsum(steps)[:-1] > 0

    def clusters(self) -> Ints:
        """Return the cluster of each job, ``(n_jobs,)``: no window spans two of them.

        They are numbered in order of time, from 0.
        """
        if not len(self.first):
            return np.empty(0, dtype=np.int64)
        order = np.lexsort((self.last, self.first))
        reach = np.maximum.accumulate(self.last[order])
        cluster = np.empty(len(order), dtype=np.int64)
        cluster[order] = np.cumsum(np.append(False, self.first[order][1:] >= reach[:-1]))
        return cluster

    def parts(self) -> Iterator[tuple[Intervals, Ints, int]]:
        """Yield the jobs of each cluster on a grid of their own.

        With them their numbers ``(n_jobs,)`` and the number of the grid's first interval.
        """
        cluster = self.clusters()
        order = np.argsort(cluster, kind="stable")
        cuts = np.flatnonzero(np.diff(cluster[order])) + 1
        for jobs in np.split(order, cuts) if len(order) else ():
            begin, end = int(self.first[jobs].min()), int(self.last[jobs].max())
            first, last = self.first[jobs] - begin, self.last[jobs] - begin
            yield Intervals(first, last, self.length[begin:end]), jobs, begin


def critical(jobs: Intervals, spread: Spread) -> Iterator[Group]:
    """Yield the groups of the optimum: jobs for which a second is worth the same, and where it is.

    ``spread`` gives some jobs a time, as they would share it if they had no windows. Where that
    fits into their windows it is the optimum. Where it does not, those windows that ask for most
    more than they have keep their time to themselves, and the others share what is left; both are
    divided again.
    """
    left = list(jobs.parts())
    while left:
        part, numbers, begin = left.pop()
        covered = part.covered() & (part.length > 0)
        wanted = spread(numbers, float(part.length[covered].sum()))
        dense = _largest_excess(part, wanted)
        inside = _inside(part, dense)
        if inside.all() or not inside.any():
            yield numbers, begin + np.flatnonzero(covered)
            continue
        taken = np.where(dense, 0.0, part.length)
        slower = Intervals(part.first, part.last, taken).of(~inside)
        left.append((slower, numbers[~inside], begin))
        left.append((part.of(inside), numbers[inside], begin))


def _inside(part: Intervals, dense: Mask) -> Mask:
    """Which jobs have all the time of their window in ``dense`` intervals, ``(n_jobs,)``."""
    outside = np.concatenate([[0.0], np.cumsum(np.where(dense, 0.0, part.length))])
    return np.asarray(outside[part.last] <= outside[part.first])


def _largest_excess(part: Intervals, wanted: Floats) -> Mask:
    """The disjoint windows in which jobs want most more time than there is, ``(n_intervals,)``.

    By dynamic programming over ends: the best without this end, or with a window that ends here.
    """
    begins, row = np.unique(part.first, return_inverse=True)
    ends, column = np.unique(part.last, return_inverse=True)
    inside = np.zeros((len(ends), len(begins)))
    np.add.at(inside, (column, row), wanted)
    inside = np.cumsum(np.cumsum(inside, axis=0)[:, ::-1], axis=1)[:, ::-1]
    passed = np.concatenate([[0.0], np.cumsum(part.length)])
    before = np.searchsorted(ends, begins, side="right")  # ends at or before each begin
    best, chosen = np.zeros(len(ends) + 1), np.full(len(ends), -1)
    for k, end in enumerate(ends.tolist()):
        n = int(np.searchsorted(begins, end))
        excess = inside[k, :n] - (passed[end] - passed[begins[:n]]) + best[before[:n]]
        at = int(np.argmax(excess))
        better = excess[at] > best[k] + TOLERANCE * inside[-1, 0]
        best[k + 1], chosen[k] = (excess[at], at) if better else (best[k], -1)
    return _walked_back(begins, ends, before, chosen, len(part.length))


def _walked_back(begins: Ints, ends: Ints, before: Ints, chosen: Ints, intervals: int) -> Mask:
    """The intervals of the windows that were chosen, from the last end back."""
    dense, k = np.zeros(intervals, dtype=bool), len(ends)
    while k > 0:
        at = int(chosen[k - 1])
        if at >= 0:
            dense[begins[at] : ends[k - 1]] = True
        k = k - 1 if at < 0 else int(before[at])
    return dense
