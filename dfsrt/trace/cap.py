"""The cap changes of a trace that is repeated, one after another, without making the copies."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heappop, heappush

from dfsrt.trace.trace import Trace


def cap_steps_of(
    trace: Trace, copies: int | None = None, until_ns: int | None = None
) -> Iterator[tuple[int, float]]:
    """Yield (time in ns, watts, infinite for none) of ``trace`` repeated at its duration.

    Times rise. There are ``copies`` of it, or no end of them, and changes before ``until_ns``
    alone. A change may fall into the next copy; of two at one time the later copy's holds.
    Memory is that of the copies which overlap.
    """
    pending: tuple[int, float] | None = None
    for time_ns, watts in _in_order(trace, copies):
        if pending is not None and pending[0] < time_ns:
            yield pending
            pending = None
        if until_ns is not None and time_ns >= until_ns:
            return
        pending = time_ns, watts
    if pending is not None:
        yield pending


def _in_order(trace: Trace, copies: int | None) -> Iterator[tuple[int, float]]:
    """All changes by time, then copy: the next copy waits until the one before has begun."""
    steps, period_ns = (
        sorted(trace.card.cap_steps, key=lambda step: step[0]),
        trace.card.duration_ns,
    )
    if period_ns == 0:  # all copies are at one time
        copies = 1
    heap: list[tuple[int, int, int]] = []

    def add(copy: int, index: int) -> None:
        if index < len(steps) and (copies is None or copy < copies):
            heappush(heap, (copy * period_ns + steps[index][0], copy, index))

    add(0, 0)
    while heap:
        time_ns, copy, index = heappop(heap)
        yield time_ns, steps[index][1]
        add(copy, index + 1)
        if index == 0:
            add(copy + 1, 0)
