"""What is to come, as a driver knows it and as it really is: for idle governors and the oracle."""

from __future__ import annotations

from dfsrt.base.arrays import Ints
from dfsrt.run.queue import next_arrival_ns, next_wake_ns
from dfsrt.run.queue_state import Queue
from dfsrt.run.stream import NEVER_NS

MOST_LOOKED_AT = 32
"""Requests that one looks ahead at most for the gap that follows the next ones."""


def known_ns(q: Queue, clocked: int, now_ns: int) -> int:
    """Return the time to the next event that a driver knows of, ``NEVER_NS`` for none.

    That is when a step on the host ends, and the next arrival where requests come by a clock.
    """
    known = next_wake_ns(q)
    if clocked:
        known = min(known, next_arrival_ns(q))
    return known - now_ns if known < NEVER_NS else NEVER_NS


def following_gap_ns(q: Queue, service_ns: Ints) -> int:
    """Return the idle time after the next requests have been served one after the other.

    ``service_ns`` is ``(n_workloads,)``. ``NEVER_NS`` where what comes next is no arrival, or
    nothing comes after it.
    """
    s = q.state
    begin, entry, lap = next_arrival_ns(q), s.entry, s.lap
    if next_wake_ns(q) <= begin or begin >= NEVER_NS:
        return NEVER_NS
    free_ns = begin
    for _ in range(MOST_LOOKED_AT):
        place = int(q.entry[entry])
        come_ns = lap * s.span_ns + q.stream[place].arrival_ns
        if come_ns > free_ns:
            return come_ns - free_ns
        free_ns += service_ns[q.stream[place].workload]
        entry += 1
        if entry == len(q.entry):
            entry, lap = 0, lap + 1
            if lap >= s.copies or s.closed:
                return NEVER_NS
    return 0
