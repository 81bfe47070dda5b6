"""Tasks: what has to be done in which windows, on a grid of times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from dfsrt.base.arrays import Floats, Ints, Mask
from dfsrt.base.errors import InputError
from dfsrt.governor.bound.critical import Intervals
from dfsrt.governor.bound.frontier import Frontier


@dataclass(frozen=True)
class Tasks:
    """Work in windows: ``count`` times that of ``kinds[kind]``, from one time to another.

    ``first`` and ``last`` are numbers of ``times``; all are ``(n_tasks,)``. ``times`` are
    nanoseconds, ``(n_times,)``, from a run's begin to its end. ``rounded`` says that windows are
    larger than they were.

    Limits: fluid. Work of one task may be cut anywhere, done at any clocks, in any order.
    """

    kinds: Sequence[Frontier]
    kind: Ints
    first: Ints
    last: Ints
    count: Ints
    times: Ints
    rounded: bool = False

    @cached_property
    def length_s(self) -> Floats:
        """Time between two times, ``(n_intervals,)``."""
        return np.asarray(np.diff(self.times) * 1e-9)

    @cached_property
    def least_s(self) -> Floats:
        """Time that each task takes at least, ``(n_tasks,)``."""
        return np.array([k.time_s[0] for k in self.kinds])[self.kind] * self.count

    def of(self, chosen: Mask) -> Tasks:
        """Return some of the tasks, by a mask ``(n_tasks,)``, on the same times."""
        kind, first, last = self.kind[chosen], self.first[chosen], self.last[chosen]
        return Tasks(self.kinds, kind, first, last, self.count[chosen], self.times, self.rounded)

    @property
    def intervals(self) -> Intervals:
        """The windows of the tasks."""
        return Intervals(self.first, self.last, self.length_s)

    def least_over(self, values: Floats) -> Floats:
        """Return the least of ``values`` ``(n_intervals,)`` in each window, ``(n_tasks,)``."""
        pairs = np.stack([self.first, self.last], axis=1)
        windows, task = np.unique(pairs, axis=0, return_inverse=True)
        padded = np.append(values, np.inf)
        return np.asarray(np.minimum.reduceat(padded, windows.ravel())[::2][task.ravel()])


def tasks_of(
    kinds: Sequence[Frontier], kind: Ints, release_ns: Ints, due_ns: Ints, span_ns: int, most: int
) -> Tasks:
    """Return tasks from ``release_ns`` to ``due_ns``, each ``(n_tasks,)``.

    Of windows that overlap without a pause at most ``most`` times are told apart; where there are
    more, windows grow to a coarser grid: what is bounded stays so. Tasks that are alike stand
    together.

    Raises:
        InputError: a deadline that is not after the release.
    """
    early = np.flatnonzero(due_ns <= release_ns)
    if len(early):
        at = early[0]
        raise InputError(
            f"the deadline at {due_ns[at] * 1e-9:g} s is not after the arrival at "
            f"{release_ns[at] * 1e-9:g} s; give a later one"
        )
    every = np.unique(np.concatenate([release_ns, due_ns, [0, span_ns]]))
    begins, ends = np.searchsorted(every, release_ns), np.searchsorted(every, due_ns)
    times = every[_kept(begins, ends, len(every), most)]
    first = np.searchsorted(times, release_ns, side="right") - 1
    last = np.searchsorted(times, due_ns)
    alike, count = np.unique(np.stack([first, last, kind], axis=1), axis=0, return_counts=True)
    return Tasks(
        kinds, alike[:, 2], alike[:, 0], alike[:, 1], count, times, len(times) < len(every)
    )


def _kept(first: Ints, last: Ints, times: int, most: int) -> Mask:
    """Which of so many times stay, ``(n_times,)``: inside of a cluster of windows at most so many.

    Those that no window spans all do.
    """
    steps = np.zeros(times + 1, dtype=np.int64)
    np.add.at(steps, first + 1, 1)
    np.add.at(steps, last, -1)
    border = np.cumsum(steps)[:-1] == 0
    cluster = np.cumsum(border)
    place = np.arange(times) - np.flatnonzero(border)[cluster - 1]
    stride = -(-np.bincount(cluster) // most)
    return np.asarray(border | (place % stride[cluster] == 0))
