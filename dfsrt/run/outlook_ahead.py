"""What is to come, as a driver knows it and as it really is: for idle governors and the oracle."""

from __future__ import annotations

from dfsrt.base.arrays import Ints
from dfsrt.governor.idle.rule import AHEAD, FOLLOWING, MOST_AHEAD
from dfsrt.run.queue import next_arrival_ns, next_wake_ns
from dfsrt.run.queue_state import Queue
from dfsrt.run.stream import NEVER_NS

MOST_LOOKED_AT = 32
"""Requests that one looks ahead at most for the gaps between them."""


def known_ns(q: Queue, clocked: int, now_ns: int) -> int:
    """Return the time to the next event that a driver knows of, ``NEVER_NS`` for none.

    That is when a step on the host ends, and the next arrival where requests come by a clock.
    """
    known = next_wake_ns(q)
    if clocked:
        known = min(known, next_arrival_ns(q))
    return known - now_ns if known < NEVER_NS else NEVER_NS


def write_following(q: Queue, service_ns: Ints, known: Ints) -> None:
    """Write down the idle times that follow the next arrival, as the oracle remembers them.

    ``service_ns`` is ``(n_workloads,)``; ``known`` any shape with room for ``MOST_AHEAD`` gaps. The
    last is ``NEVER_NS`` where what comes next is no arrival, or nothing comes after it; 0 in a
    closed loop, and where one cannot see so far.
    """
    s = q.state
    free_ns, entry, lap, count = next_arrival_ns(q), s.entry, s.lap, 0
    at_end = s.closed or next_wake_ns(q) <= free_ns or free_ns >= NEVER_NS
    for _ in range(MOST_LOOKED_AT):
        if at_end or count == MOST_AHEAD:
            break
        request = q.stream[int(q.entry[entry])]
        come_ns = lap * s.span_ns + request.arrival_ns
        if come_ns > free_ns:
            known[AHEAD + count] = come_ns - free_ns
            free_ns = come_ns
            count += 1
        free_ns += service_ns[request.workload]
        entry += 1
        if entry == len(q.entry):
            entry, lap = 0, lap + 1
            at_end = lap >= s.copies
    if count == 0 or (at_end and count < MOST_AHEAD):
        # In a closed loop the next of a session follows at once: a delay shortens nothing.
        known[AHEAD + count] = NEVER_NS if at_end and not s.closed else 0
        count += 1
    known[FOLLOWING] = count
