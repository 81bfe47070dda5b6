"""The queue's state: a stream, what its requests do, those that are here and those that have left.

Only requests that are here hold a slot; one that has left is written to ``ended`` and its slot is
given to another, so that a stream of any length takes the memory of those that are here at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from dfsrt.base.arrays import Ints
from dfsrt.run.stream import NEVER_NS

NOBODY = -1
NO_ROOM = -2
"""In place of a request: slots are used up, or ``ended`` is full; make room and ask again."""
ENDED_MARGIN = 2
"""Places in ``ended`` that one event may fill."""

# The values of ``Status``, ``Discipline`` and ``Drop``, for compiled code.
PENDING, WAITING, STARTED, DONE, DROPPED = 0, 1, 2, 3, 4
FIFO, PRIORITY, RM, CONTINUOUS = 0, 1, 3, 4
LATE, NEWEST, OLDEST = 1, 2, 3
ARRIVED, LEFT, BOUNDARY, TURN = 1, 2, 4, 8
"""What ``news`` adds up: a request came, one left, a layer ended, another has got the NPU."""
EVENTS = ARRIVED | LEFT | TURN
"""At which a rule picks a plan anew."""


@dataclass(slots=True)
class QueueState:
    """The queue's own numbers; rules first, then where the stream and the lines stand.

    ``entry`` of copy number ``lap`` is the next to come by the clock; ``current`` has the NPU.
    ``oldest`` and ``newest`` are the ends of the line of those that wait, ``free`` is the first
    free slot.
    Host work that has passed by a time t is ``host_past_ns + hosting * t - host_begun_ns``. The
    stream has ``copies``, ``span_ns`` apart. ``news`` is what has happened since anybody has
    planned. A pass of several requests takes in ``budget`` tokens at the most, of ``n_batch``
    requests, ``most_batch`` at the most, whose caches hold ``cached`` tokens in the end,
    ``cache_limit`` at the most. ``masked`` where not every workload may run on every lane.
    """

    discipline: int = 0
    drop: int = 0
    limit: int = 0
    closed: bool = False
    lap: int = 0
    entry: int = 0
    n_ready: int = 0
    n_asleep: int = 0
    n_waiting: int = 0
    n_ended: int = 0
    oldest: int = NOBODY
    newest: int = NOBODY
    free: int = 0
    current: int = NOBODY
    came: int = 0
    done: int = 0
    dropped: int = 0
    preemptions: int = 0
    hosting: int = 0
    host_begun_ns: int = 0
    host_past_ns: int = 0
    stop_done: int = NEVER_NS
    copies: int = 1
    span_ns: int = 0
    news: int = 0
    budget: int = 0
    n_batch: int = 0
    most_batch: int = 0
    cached: int = 0
    cache_limit: int = NEVER_NS
    masked: bool = False


@dataclass(slots=True)
class Request:
    """A request of the stream's first copy; ``successor`` is the next of its chain, or -1.

    It reads a ``prompt`` of so many tokens and writes ``tokens``, 0 where it is of no language
    model.
    """

    arrival_ns: int = 0
    workload: int = 0
    deadline_ns: int = NEVER_NS
    priority: int = 0
    chain: int = 0
    successor: int = NOBODY
    prompt: int = 0
    tokens: int = 0


@dataclass(slots=True)
class Chain:
    """Requests that follow each other: a session's, in an open loop those of one workload.

    ``first`` is its first place in a copy, ``served`` how many were, ``taken`` whether one is at
    work, ``last`` the slot of the last that came.
    """

    first: int = 0
    served: int = 0
    taken: bool = False
    last: int = NOBODY


@dataclass(slots=True)
class StepState:
    """A step: layers ``first`` to before ``stop``, or ``host_ns`` on the host, so often begun.

    A pass of a language model has room for ``tokens`` in it.
    """

    first: int = 0
    stop: int = 0
    host_ns: int = 0
    host_calls: int = 0
    tokens: int = 0


@dataclass(slots=True)
class Workload:
    """Where the programs of a workload begin: a session's first request, each ``every``-th, else.

    A program ends where the next one begins, the last one at ``end``. ``period_ns`` lies between
    two arrivals at least. ``here`` requests have come and not left, the last one came at
    ``came_ns``; the one that has left last had done the program that ends at ``last``, or none.
    ``spare_ns`` is for a rule of ``speeds``. A language model takes in ``chunk`` tokens of a prompt
    in a pass at the most. ``lanes`` are those that it may run on, a bit each.
    """

    first: int = 0
    key: int = 0
    between: int = 0
    end: int = 0
    every: int = 1
    in_order: bool = False
    period_ns: int = NEVER_NS
    here: int = 0
    came_ns: int = 0
    last: int = NOBODY
    spare_ns: int = 0
    chunk: int = 0
    lanes: int = -1


@dataclass(slots=True)
class Slot:
    """A request that is here.

    It is the one at ``place`` of copy number ``lap``. ``step`` and ``last_step`` are its place in
    its program and the place after the end, ``layer`` the next layer. ``rank`` is what it is ranked
    by, ``key`` its order in the line it stands in, ``holds`` how many lines name it. ``before``
    and ``after`` link those that wait, ``next_in_chain`` those of one session; free slots are
    linked by ``after``. ``wake_ns`` is how long it has waited for a sleeping NPU.

    Of a language model it reads a ``prompt`` and writes ``tokens``; ``past`` are in its cache,
    ``share`` come in the present pass, which reads ``units`` blocks of caches for single tokens and
    ``shared`` ones for prompts. Its first token was there at ``first_ns``, else -1, the last one at
    ``token_ns``; ``gap_ns`` is the longest time
    between two.
    """

    number: int = 0
    lap: int = 0
    place: int = 0
    workload: int = 0
    chain: int = 0
    arrival_ns: int = 0
    deadline_ns: int = 0
    admit_ns: int = -1
    finish_ns: int = -1
    status: int = PENDING
    step: int = NOBODY
    last_step: int = 0
    layer: int = 0
    rank: int = 0
    key: int = 0
    holds: int = 0
    before: int = NOBODY
    after: int = NOBODY
    next_in_chain: int = NOBODY
    wake_ns: int = 0
    prompt: int = 0
    tokens: int = 0
    past: int = 0
    share: int = 0
    units: int = 0
    shared: int = 0
    first_ns: int = -1
    token_ns: int = -1
    gap_ns: int = 0


class Queue(NamedTuple):
    """A stream, what its requests do, those that are here, and those that have left.

    Sequences of states are lists, or arrays of records for compiled code. ``stream`` ``(n,)`` is
    one copy; ``entry`` ``(n_entries,)`` are the places that come by the clock: all in an open
    loop, the first of each chain in a closed one, where the others come when the one before has
    left. ``ready`` and ``asleep`` ``(n_slots,)`` are heaps of slots, ``batch`` ``(n_slots,)`` those
    of a pass of several requests; ``ended`` ``(n_columns, capacity)`` holds what ``Ended`` does.
    """

    state: QueueState
    stream: Sequence[Request]
    entry: Ints
    chains: Sequence[Chain]
    steps: Sequence[StepState]
    workloads: Sequence[Workload]
    slots: Sequence[Slot]
    ready: Ints
    asleep: Ints
    batch: Ints
    ended: Sequence[Ints]
