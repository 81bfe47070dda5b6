"""The queue: which request has the NPU at a layer boundary, and what becomes of the others.

Scalar functions over arrays, called by the SimPy path as plain Python and by the kernel as
machine code. A request goes through its program step by step. A step is a run of layers on the
NPU or a time on the host, which is taken to have room for all: requests there do not wait for
each other. Host work that ends, requests that come and requests that may follow another are
taken in order of time; in the same nanosecond the first and the last of these come before new
arrivals. Then the NPU is given to the first in line.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.int64]

NEVER_NS = 2**62
"""Later than anything."""
NOBODY = -1


class Discipline(IntEnum):
    """Who is first in line; ties go to the earlier arrival, then to the trace's order."""

    FIFO = 0  # the earliest arrival; keeps the NPU to its end, or until it goes to the host
    PRIORITY = 1  # the highest priority; takes the NPU at the next layer boundary
    EDF = 2  # the earliest deadline; takes the NPU at the next layer boundary


class Drop(IntEnum):
    """Which requests are given up before any work on them has begun."""

    NONE = 0
    LATE = 1  # one whose turn comes when its deadline has passed
    NEWEST = 2  # one that finds as many waiting as may
    OLDEST = 3  # the one that waits longest, where a new one finds as many waiting as may


class Status(IntEnum):
    """Where a request stands."""

    PENDING = 0  # not here yet
    WAITING = 1  # here, no work done
    STARTED = 2
    DONE = 3
    DROPPED = 4


# The values of the enums above, for compiled code.
_PENDING, _WAITING, _STARTED, _DONE, _DROPPED = 0, 1, 2, 3, 4
_LATE, _NEWEST, _OLDEST = 1, 2, 3

# Places in ``Queue.rule``.
DISCIPLINE, DROP, LIMIT, CLOSED = 0, 1, 2, 3
# Places in ``Queue.now``.
NEXT_ENTRY = 0  # the next of ``entry`` to come
N_READY = 1
N_ASLEEP = 2
N_WAITING = 3
OLDEST = 4  # no request before it is waiting
CURRENT = 5  # who has the NPU, or NOBODY
N_DONE = 6
N_DROPPED = 7
PREEMPTIONS = 8
NOW_SIZE = 9
# Columns of ``Queue.step``.
FIRST, STOP, HOST_NS = 0, 1, 2


class Queue(NamedTuple):
    """Requests, what they ask for, and where they stand; see ``make_queue``.

    ``step`` is ``(n_steps, 3)``: first layer, layer after the last, nanoseconds on the host
    instead. Program p has steps ``program[p]`` to before ``program[p + 1]``; workload w has the
    programs ``base[w]`` (a session's first request), + 1 (each ``every[w]``-th) and + 2 (all
    others). ``entry`` lists the requests that come by themselves in order of arrival; in a
    closed loop all others come when the one before in their session has left. ``in_order`` is
    ``(n_workloads,)``, ``served`` and ``taken`` are ``(n_chains,)``, ``host_calls`` ``(n_steps,)``
    and ``rule`` and ``now`` scalars by place; all else is ``(n_requests,)``.
    """

    step: Array
    program: Array
    base: Array
    every: Array
    in_order: Array
    rule: Array
    entry: Array
    workload: Array
    deadline_ns: Array
    priority: Array
    chain: Array
    successor: Array
    arrival_ns: Array
    admit_ns: Array
    finish_ns: Array
    status: Array
    at_step: Array
    at_layer: Array
    last_step: Array
    key: Array
    wake_ns: Array
    ready: Array
    asleep: Array
    served: Array
    taken: Array
    host_calls: Array
    now: Array


def choose(q: Queue, now_ns: int) -> int:
    """Give the NPU to the first in line at a layer boundary and return who, or ``NOBODY``."""
    while True:
        _take_in(q, now_ns)
        current, top = q.now[CURRENT], _first_ready(q)
        if top == NOBODY:
            return int(current)
        if current != NOBODY and (q.rule[DISCIPLINE] == 0 or not _before(q.key, q, top, current)):
            return int(current)
        _pop(q.ready, q.now, N_READY, q.key, q)
        if q.status[top] == _WAITING and _is_late(q, top, now_ns):
            _drop(q, top, now_ns)
            continue  # another may have become free to come
        if current != NOBODY:
            _push(q.ready, q.now, N_READY, q.key, q, current)
            q.now[PREEMPTIONS] += 1
        _start(q, top, now_ns)
        q.now[CURRENT] = top
        return int(top)


def advance(q: Queue, request: int, now_ns: int) -> None:
    """Book a layer of the current ``request`` that ends now."""
    q.at_layer[request] += 1
    if q.at_layer[request] < q.step[q.at_step[request], STOP]:
        return
    q.at_step[request] += 1
    step = q.at_step[request]
    if step < q.last_step[request] and q.step[step, HOST_NS] == 0:
        q.at_layer[request] = q.step[step, FIRST]
        return
    q.now[CURRENT] = NOBODY
    _enter(q, request, now_ns)


def next_event_ns(q: Queue) -> int:
    """Return when the next request comes, or comes back from the host."""
    wake, come = _next_wake_ns(q), _next_arrival_ns(q)
    return int(wake if wake < come else come)


def _next_wake_ns(q: Queue) -> int:
    return int(q.wake_ns[q.asleep[0]]) if q.now[N_ASLEEP] > 0 else NEVER_NS


def _next_arrival_ns(q: Queue) -> int:
    place = q.now[NEXT_ENTRY]
    return int(q.arrival_ns[q.entry[place]]) if place < len(q.entry) else NEVER_NS


def _take_in(q: Queue, now_ns: int) -> None:
    """Take in all that has happened outside the NPU by now, in order of time."""
    while True:
        wake, come = _next_wake_ns(q), _next_arrival_ns(q)
        if wake > now_ns and come > now_ns:
            return
        if wake <= come:
            _wake(q, wake)
        else:
            request = q.entry[q.now[NEXT_ENTRY]]
            q.now[NEXT_ENTRY] += 1
            _arrive(q, request, come)


def _wake(q: Queue, at_ns: int) -> None:
    """Let the request whose time on the host, or of waiting for another, has ended go on."""
    request = _pop(q.asleep, q.now, N_ASLEEP, q.wake_ns, q)
    if q.status[request] == _PENDING:
        _arrive(q, request, at_ns)
    elif q.status[request] == _WAITING:
        _release(q, request, at_ns)
    elif q.status[request] == _STARTED:
        q.at_step[request] += 1
        _enter(q, request, at_ns)
    else:  # dropped in the moment in which it could have come: the one after it may
        _leave(q, request, at_ns)


def _arrive(q: Queue, request: int, at_ns: int) -> None:
    q.arrival_ns[request] = at_ns
    q.status[request] = _WAITING
    q.now[N_WAITING] += 1
    q.key[request] = _key(q, request, at_ns)
    if q.now[N_WAITING] > q.rule[LIMIT]:
        if q.rule[DROP] == _NEWEST:
            _drop(q, request, at_ns)
            return
        if q.rule[DROP] == _OLDEST:
            _drop(q, _oldest(q), at_ns)
    if q.in_order[q.workload[request]]:
        if q.taken[q.chain[request]]:
            return  # until the one before in its session has left
        q.taken[q.chain[request]] = 1
    _release(q, request, at_ns)


def _key(q: Queue, request: int, at_ns: int) -> int:
    """Return what a request is ranked by: less is earlier."""
    if q.rule[DISCIPLINE] == 0:
        return int(at_ns)
    if q.rule[DISCIPLINE] == 1:
        return int(-q.priority[request])
    return int(at_ns + q.deadline_ns[request])


def _oldest(q: Queue) -> int:
    while q.status[q.now[OLDEST]] != _WAITING:
        q.now[OLDEST] += 1
    return int(q.now[OLDEST])


def _release(q: Queue, request: int, at_ns: int) -> None:
    """Let a request begin: pick its program by how many of its session were served."""
    served, workload = q.served[q.chain[request]], q.workload[request]
    program = q.base[workload]
    if served > 0:
        program += 1 if served % q.every[workload] == 0 else 2
    q.at_step[request] = q.program[program]
    q.last_step[request] = q.program[program + 1]
    if q.step[q.at_step[request], HOST_NS] == 0:
        q.at_layer[request] = q.step[q.at_step[request], FIRST]
        _push(q.ready, q.now, N_READY, q.key, q, request)
    elif _is_late(q, request, at_ns):
        _drop(q, request, at_ns)
    else:
        _start(q, request, at_ns)
        _enter(q, request, at_ns)


def _start(q: Queue, request: int, at_ns: int) -> None:
    if q.status[request] == _WAITING:
        q.status[request] = _STARTED
        q.admit_ns[request] = at_ns
        q.now[N_WAITING] -= 1


def _enter(q: Queue, request: int, at_ns: int) -> None:
    """Begin the step at which a started request stands, or finish."""
    step = q.at_step[request]
    if step == q.last_step[request]:
        q.status[request] = _DONE
        q.finish_ns[request] = at_ns
        q.now[N_DONE] += 1
        q.served[q.chain[request]] += 1
        _leave(q, request, at_ns)
    elif q.step[step, HOST_NS] > 0:
        q.host_calls[step] += 1
        _sleep(q, request, at_ns + q.step[step, HOST_NS])
    else:
        q.at_layer[request] = q.step[step, FIRST]
        _push(q.ready, q.now, N_READY, q.key, q, request)


def _is_late(q: Queue, request: int, now_ns: int) -> bool:
    late = now_ns >= q.arrival_ns[request] + q.deadline_ns[request]
    return bool(q.rule[DROP] == _LATE and late)


def _drop(q: Queue, request: int, at_ns: int) -> None:
    """Give up a waiting request; it may still stand in a line, where it is passed over."""
    q.status[request] = _DROPPED
    q.finish_ns[request] = at_ns
    q.now[N_WAITING] -= 1
    q.now[N_DROPPED] += 1
    if q.at_step[request] != NOBODY or q.rule[CLOSED]:
        _leave(q, request, at_ns)


def _leave(q: Queue, request: int, at_ns: int) -> None:
    """Let the next of the session come, where it has to wait for this one."""
    after = q.successor[request]
    while after != NOBODY and q.status[after] == _DROPPED:
        after = q.successor[after]
    if q.rule[CLOSED]:
        q.taken[q.chain[request]] = 0
        if after != NOBODY:
            _sleep(q, after, at_ns)
    elif q.in_order[q.workload[request]]:
        waits = after != NOBODY and q.status[after] == _WAITING
        q.taken[q.chain[request]] = 1 if waits else 0
        if waits:
            _sleep(q, after, at_ns)


def _sleep(q: Queue, request: int, until_ns: int) -> None:
    q.wake_ns[request] = until_ns
    _push(q.asleep, q.now, N_ASLEEP, q.wake_ns, q, request)


def _first_ready(q: Queue) -> int:
    """Return the first in line; those that were dropped there leave it."""
    while q.now[N_READY] > 0:
        if q.status[q.ready[0]] != _DROPPED:
            return int(q.ready[0])
        _pop(q.ready, q.now, N_READY, q.key, q)
    return NOBODY


# A binary heap in an array, ordered by a key, then arrival, then place in the trace.


def _before(key: Array, q: Queue, one: int, two: int) -> bool:
    if key[one] != key[two]:
        return bool(key[one] < key[two])
    if q.arrival_ns[one] != q.arrival_ns[two]:
        return bool(q.arrival_ns[one] < q.arrival_ns[two])
    return bool(one < two)


def _push(heap: Array, now: Array, size: int, key: Array, q: Queue, request: int) -> None:
    place = now[size]
    now[size] += 1
    while place > 0:
        parent = (place - 1) // 2
        if not _before(key, q, request, heap[parent]):
            break
        heap[place] = heap[parent]
        place = parent
    heap[place] = request


def _pop(heap: Array, now: Array, size: int, key: Array, q: Queue) -> int:
    top = heap[0]
    now[size] -= 1
    count = now[size]
    last, place = heap[count], 0
    while True:
        child = 2 * place + 1
        if child >= count:
            break
        if child + 1 < count and _before(key, q, heap[child + 1], heap[child]):
            child += 1
        if not _before(key, q, heap[child], last):
            break
        heap[place] = heap[child]
        place = child
    heap[place] = last
    return int(top)


HELPERS = (
    _before, _push, _pop, _first_ready, _next_wake_ns, _next_arrival_ns, next_event_ns, _key,
    _oldest, _start, _is_late, _sleep, _leave, _drop, _enter, _release, _arrive, _wake, _take_in,
    choose, advance,
)  # fmt: skip
"""All functions of this file, each after those that it calls."""
