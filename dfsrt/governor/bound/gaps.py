"""Gaps: how long an NPU with deadlines can sleep at a time, at most."""

from __future__ import annotations

import numpy as np

from dfsrt.base.arrays import Ints


def longest_gaps(first: Ints, last: Ints, times: Ints) -> Ints:
    """Return the longest pause of which each interval can be a part, ``(n_intervals,)``.

    A pause holds no whole window, for each has work in it. ``first`` and ``last`` are the windows
    of work, numbers of ``times``, ``(n_windows,)``; ``times`` ``(n_intervals + 1,)`` rise, and
    interval i lies between the i-th and the next.
    """
    count = len(times)
    # The least end of a window that begins at each time or later; the run's end where none does.
    end = np.full(count + 1, count - 1)
    np.minimum.at(end, first, last)
    end = np.minimum.accumulate(end[::-1])[::-1]
    # A pause begins with the run, or just after some window has begun: ends[k + 1] begin later.
    begins, ends = np.arange(count), end[1:].copy()
    begins, ends = np.concatenate([[0], begins]), np.concatenate([end[:1], ends])
    length = times[ends] - times[begins]
    return _largest_over(begins, ends, length, count - 1)


def _largest_over(begins: Ints, ends: Ints, length: Ints, intervals: int) -> Ints:
    """The largest ``length`` of the stretches over each interval; begins and ends both rise."""
    largest = np.zeros(intervals, dtype=np.int64)
    open_stretches: list[int] = []  # lengths fall from front to back
    head, nxt = 0, 0
    for i in range(intervals):
        while nxt < len(begins) and begins[nxt] <= i:
            while len(open_stretches) > head and length[open_stretches[-1]] <= length[nxt]:
                open_stretches.pop()
            open_stretches.append(nxt)
            nxt += 1
        while ends[open_stretches[head]] <= i:
            head += 1
        largest[i] = length[open_stretches[head]]
    return largest
