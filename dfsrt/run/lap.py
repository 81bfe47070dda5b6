"""A lap: one copy of a stream, and what a run looks like at its beginning.

Two beginnings that look alike but for time and numbers of requests are followed by the same:
nothing else decides what a run does until the next control event.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from dfsrt.base.arrays import Ints
from dfsrt.run.machine import Machine
from dfsrt.run.queue_state import NOBODY, PENDING, PRIORITY, RM, WAITING, Chain, Queue, Slot
from dfsrt.run.stream import NEVER_NS

SLEEP_TIMES = ("turn_ns", "wake_ns", "idle_since_ns", "entered_ns", "wanted_ns")
"""Fields of a machine that are times of its present stretch of idle time, where they are any."""


@dataclass(frozen=True, slots=True)
class Shift:
    """How far a run has got at a lap's beginning, or from one beginning to another.

    Laps come over again ``time_ns`` later; ``requests`` is by how much their numbers are higher.
    """

    laps: int
    time_ns: int
    requests: int

    def since(self, other: Shift) -> Shift:
        """Return the way from ``other`` to here."""
        return Shift(
            self.laps - other.laps,
            self.time_ns - other.time_ns,
            self.requests - other.requests,
        )

    def times(self, count: int) -> Shift:
        """Return this way gone ``count`` times."""
        return Shift(self.laps * count, self.time_ns * count, self.requests * count)


def laps_begun(q: Queue) -> int:
    """Return how many laps have begun: by the clock, in a closed loop by requests that left."""
    s = q.state
    return int(s.done + s.dropped) // len(q.stream) if s.closed else int(s.lap)


def position(m: Machine, q: Queue) -> Shift:
    """Return how far a run has got. By the clock a lap begins on time, else when it does."""
    s, laps = q.state, laps_begun(q)
    time_ns = int(m.now_ns) if s.closed else laps * int(s.span_ns)
    return Shift(laps, time_ns, laps * len(q.stream))


def signature(m: Machine, q: Queue, at: Shift, memory: Ints) -> tuple[int, ...]:
    """Return all that decides what comes next, times and numbers as seen from ``at``.

    ``memory`` ``(n,)`` is what an idle governor remembers.
    """
    s, here = q.state, sorted(slots_here(q), key=lambda k: q.slots[k].number)
    order = {slot: k for k, slot in enumerate(here)}
    lines = _lines(q)
    state = (
        m.now_ns - at.time_ns, m.level, m.from_uv, m.to_uv, max(m.settled_ns - m.now_ns, 0),
        m.memory, m.memory_to, max(_seen(m.memory_ns, m.now_ns), 0),
        s.done + s.dropped - at.requests if s.closed else s.entry, s.n_waiting, s.hosting,
        *_sleep(m, at),
        *(order.get(int(slot), NOBODY) for slot in (s.oldest, s.newest, s.current)), len(here),
        *(order[int(slot)] for slot in q.batch[: int(s.n_batch)]),
    )  # fmt: skip
    slots = [value for slot in here for value in _seen_from(q, slot, at, lines, order)]
    chains = [value for chain in q.chains for value in _chain(chain, order, _turns(q))]
    rule = _rule(m, q, at) if m.rule else ()
    return tuple(int(value) for value in (*state, *slots, *chains, *memory, *rule))


def _rule(m: Machine, q: Queue, at: Shift) -> Iterator[int]:
    """What a rule goes by that picks plans in the loop, and the plan that it has picked."""
    yield from (m.plan, q.state.news, _seen(m.review_ns, at.time_ns))
    for work in q.workloads:
        yield from (work.here, work.came_ns - at.time_ns, work.last, work.spare_ns)


def _ranked_by_time(q: Queue) -> bool:
    return q.state.discipline not in (PRIORITY, RM)


def _sleep(m: Machine, at: Shift) -> Iterator[int]:
    """Where an idle NPU stands, and how far its stretch has come."""
    yield from (m.phase, m.state, m.before, m.next_state, m.deepest)
    yield from (_seen(getattr(m, name), at.time_ns) for name in SLEEP_TIMES)
    yield m.timer_ns if m.idle_since_ns >= 0 else NOBODY
    yield round(m.spent_j * 1e15) if m.idle_since_ns >= 0 else 0


def _seen(time_ns: int, from_ns: int) -> int:
    return time_ns if time_ns < 0 or time_ns >= NEVER_NS else time_ns - from_ns


def _turns(q: Queue) -> int:
    """After how many requests of a session its programs come over again."""
    return math.lcm(*(int(w.every) for w in q.workloads))


def _chain(chain: Chain, order: dict[int, int], turns: int) -> Iterator[int]:
    yield min(chain.served, 1)
    yield chain.served % turns
    yield order.get(int(chain.last), NOBODY) if chain.taken else NOBODY


def _seen_from(
    q: Queue, place: int, at: Shift, lines: tuple[set[int], set[int]], order: dict[int, int]
) -> Iterator[int]:
    """What a slot holds; of the ready, ``rank`` is the key, of others that do not sleep none."""
    slot, (ready, asleep) = q.slots[place], lines
    yield from (slot.number - at.requests, slot.lap - at.laps, slot.arrival_ns - at.time_ns)
    yield from (slot.place, slot.status, slot.step, slot.last_step, slot.layer, place in ready)
    yield from (slot.wake_ns, slot.past, slot.share, slot.gap_ns)
    yield from (slot.units, slot.shared)
    yield from (_seen(slot.first_ns, at.time_ns), _seen(slot.token_ns, at.time_ns))
    yield slot.admit_ns - at.time_ns if slot.admit_ns >= 0 else -1
    yield slot.key - at.time_ns if place in asleep else -1
    yield slot.rank - (at.time_ns if _ranked_by_time(q) else 0)
    waits = slot.status == WAITING
    yield order.get(int(slot.before), NOBODY) if waits else NOBODY
    yield order.get(int(slot.after), NOBODY) if waits else NOBODY
    yield order.get(int(slot.next_in_chain), NOBODY)


def slots_here(q: Queue) -> list[int]:
    """Return the slots that hold a request."""
    return [k for k, s in enumerate(q.slots) if s.holds > 0 or s.status != PENDING]


def _lines(q: Queue) -> tuple[set[int], set[int]]:
    """The slots that stand in line for the NPU, and those that sleep."""
    ready = {int(slot) for slot in q.ready[: int(q.state.n_ready)]}
    return ready, {int(slot) for slot in q.asleep[: int(q.state.n_asleep)]}


def _move_times(slot: Slot, by_ns: int) -> None:
    for name in ("arrival_ns", "admit_ns", "first_ns", "token_ns"):
        at = getattr(slot, name)
        if at >= 0:
            setattr(slot, name, at + by_ns)


def move_on(m: Machine, q: Queue, by: Shift) -> None:
    """Let time pass for a run that does the same in it, again and again, as it has done before.

    What it adds up meanwhile is for others to say.
    """
    s = q.state
    _, asleep = _lines(q)
    for place in slots_here(q):
        slot = q.slots[place]
        ranked_by_time = _ranked_by_time(q)
        slot.number += by.requests
        slot.lap += by.laps
        if place in asleep or ranked_by_time:
            slot.key += by.time_ns
        if ranked_by_time:
            slot.rank += by.time_ns
        _move_times(slot, by.time_ns)
    for work in q.workloads:
        work.came_ns += by.time_ns
    s.host_begun_ns += s.hosting * by.time_ns
    if not s.closed:
        s.lap += by.laps
    if m.settled_ns > m.now_ns:
        m.settled_ns += by.time_ns
    for name in (*SLEEP_TIMES, "review_ns", "memory_ns"):
        at = getattr(m, name)
        if 0 <= at < NEVER_NS:
            setattr(m, name, at + by.time_ns)
    m.now_ns += by.time_ns
    if m.last_begin_ns >= 0:
        m.last_begin_ns += by.time_ns
