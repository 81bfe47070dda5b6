"""The queue's lines: slots taken and given up, requests that wait, are ready or sleep.

A line that sorts is a binary heap of slots, ordered by their ``key``, then arrival, then number.
"""

from __future__ import annotations

from collections.abc import Sequence

from dfsrt.base.arrays import Ints
from dfsrt.run.queue_state import DONE, DROPPED, NOBODY, PENDING, Queue, Slot


def ahead(slots: Sequence[Slot], one: int, two: int) -> bool:
    """Whether slot ``one`` comes before slot ``two``."""
    a, b = slots[one], slots[two]
    if a.key != b.key:
        return a.key < b.key
    if a.arrival_ns != b.arrival_ns:
        return a.arrival_ns < b.arrival_ns
    return a.number < b.number


def push(heap: Ints, size: int, slots: Sequence[Slot], item: int) -> None:
    """Put ``item`` into a heap ``(n_slots,)`` that holds ``size`` slots."""
    place = size
    while place > 0:
        parent = (place - 1) // 2
        if not ahead(slots, item, heap[parent]):
            break
        heap[place] = heap[parent]
        place = parent
    heap[place] = item
    slots[item].holds += 1


def pop(heap: Ints, size: int, slots: Sequence[Slot]) -> int:
    """Take the first out of a heap ``(n_slots,)`` that holds ``size`` slots, and return it."""
    top, last = heap[0], heap[size - 1]
    count, place = size - 1, 0
    while True:
        child = 2 * place + 1
        if child >= count:
            break
        if child + 1 < count and ahead(slots, heap[child + 1], heap[child]):
            child += 1
        if not ahead(slots, heap[child], last):
            break
        heap[place] = heap[child]
        place = child
    heap[place] = last
    slots[top].holds -= 1
    return int(top)


def settle(heap: Ints, size: int, slots: Sequence[Slot], item: int, place: int) -> None:
    """Put ``item`` in the stead of what stood at ``place`` of a heap ``(n_slots,)`` of ``size``."""
    while place > 0 and ahead(slots, item, heap[(place - 1) // 2]):
        heap[place] = heap[(place - 1) // 2]
        place = (place - 1) // 2
    while 2 * place + 1 < size:
        child = 2 * place + 1
        if child + 1 < size and ahead(slots, heap[child + 1], heap[child]):
            child += 1
        if not ahead(slots, heap[child], item):
            break
        heap[place] = heap[child]
        place = child
    heap[place] = item


def sleep(q: Queue, request: int, until_ns: int) -> None:
    """Let a request sleep: on the host, or until its turn in its session."""
    q.slots[request].key = until_ns
    push(q.asleep, q.state.n_asleep, q.slots, request)
    q.state.n_asleep += 1


def wake_first(q: Queue) -> int:
    """Take the first out of those that sleep."""
    request = pop(q.asleep, q.state.n_asleep, q.slots)
    q.state.n_asleep -= 1
    return request


def make_ready(q: Queue, request: int) -> None:
    """Put a request into the line for the NPU."""
    q.slots[request].key = q.slots[request].rank
    push(q.ready, q.state.n_ready, q.slots, request)
    q.state.n_ready += 1


def leave_ready(q: Queue) -> int:
    """Take the first out of the line for the NPU."""
    request = pop(q.ready, q.state.n_ready, q.slots)
    q.state.n_ready -= 1
    return request


def leave_line(q: Queue, request: int) -> None:
    """Take a request out of the line for the NPU, wherever it stands in it."""
    if q.ready[0] == request:
        leave_ready(q)
        return
    q.state.n_ready -= 1
    q.slots[request].holds -= 1
    place, last = 0, q.ready[q.state.n_ready]
    while q.ready[place] != request:
        place += 1
    if last != request:
        settle(q.ready, q.state.n_ready, q.slots, int(last), place)


def first_ready(q: Queue, lane: int = 0) -> int:
    """Return the first in line for a lane of the NPU; those that were dropped there leave it."""
    while q.state.n_ready > 0:
        first = int(q.ready[0])
        if q.slots[first].status != DROPPED:
            return first_allowed(q, lane) if q.state.masked else first
        leave_ready(q)
        free_if_gone(q, first)
    return NOBODY


def first_allowed(q: Queue, lane: int) -> int:
    """Return the first in line that may run on a lane, if any."""
    first = NOBODY
    for place in range(q.state.n_ready):
        request = int(q.ready[place])
        slot = q.slots[request]
        if (
            slot.status != DROPPED
            and (q.workloads[slot.workload].lanes >> lane) & 1
            and (first == NOBODY or ahead(q.slots, request, first))
        ):
            first = request
    return first


def join_waiting(q: Queue, request: int) -> None:
    """Let a request wait behind all that came before it."""
    s, slot = q.state, q.slots[request]
    slot.before, slot.after = s.newest, NOBODY
    if s.newest == NOBODY:
        s.oldest = request
    else:
        q.slots[s.newest].after = request
    s.newest = request
    s.n_waiting += 1


def leave_waiting(q: Queue, request: int) -> None:
    """Let a request wait no more."""
    s, slot = q.state, q.slots[request]
    if slot.before == NOBODY:
        s.oldest = slot.after
    else:
        q.slots[slot.before].after = slot.after
    if slot.after == NOBODY:
        s.newest = slot.before
    else:
        q.slots[slot.after].before = slot.before
    s.n_waiting -= 1


def join_chain(q: Queue, request: int) -> None:
    """Let a request wait behind the last of its session that is here."""
    slot = q.slots[request]
    chain = q.chains[slot.chain]
    q.slots[chain.last].next_in_chain = request
    chain.last = request
    slot.holds += 1


def next_in_chain(q: Queue, request: int) -> int:
    """Return the next of a session that waits behind ``request``; those that were dropped go."""
    after = q.slots[request].next_in_chain
    q.slots[request].next_in_chain = NOBODY
    while after != NOBODY:
        slot = q.slots[after]
        slot.holds -= 1
        if slot.status != DROPPED:
            break
        gone, after = after, slot.next_in_chain
        slot.next_in_chain = NOBODY
        free_if_gone(q, gone)
    return after


def take_slot(q: Queue, copy: int, place: int) -> int:
    """Return a slot with the request at ``place`` of a copy of the stream, not here yet."""
    s, request = q.state.free, q.stream[place]
    slot = q.slots[s]
    q.state.free = slot.after
    slot.number = copy * len(q.stream) + place
    slot.place, slot.lap = place, copy
    slot.workload, slot.chain = request.workload, request.chain
    slot.deadline_ns = request.deadline_ns
    slot.admit_ns = slot.finish_ns = -1
    slot.status, slot.step, slot.holds = PENDING, NOBODY, 0
    slot.next_in_chain, slot.wake_ns = NOBODY, 0
    slot.prompt, slot.tokens = request.prompt, request.tokens
    slot.past = slot.share = slot.gap_ns = slot.units = slot.shared = 0
    slot.first_ns = slot.token_ns = -1
    return s


def free_if_gone(q: Queue, request: int) -> None:
    """Give up the slot of a request that has left, once no line names it any more."""
    slot = q.slots[request]
    if slot.holds == 0 and slot.status >= DONE:
        slot.status = PENDING
        slot.after = q.state.free
        q.state.free = request
