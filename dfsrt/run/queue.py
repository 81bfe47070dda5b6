"""The queue: which request has the NPU at a layer boundary, and what becomes of the others.

Scalar functions over states with named fields, the same as plain Python and as machine code. A
request goes through its program step by step. A step is a run of layers on the NPU or a time on
the host, which is taken to have room for all: requests there do not wait for each other. Host work
that ends, requests that come and requests that may follow another are taken in order of time; in
the same nanosecond the first and the last of these come before new arrivals. Then the NPU is given
to the first in line.
"""

from __future__ import annotations

from dfsrt.run.lines import (
    ahead,
    first_ready,
    free_if_gone,
    join_chain,
    join_waiting,
    leave_line,
    leave_waiting,
    make_ready,
    next_in_chain,
    sleep,
    take_slot,
    wake_first,
)
from dfsrt.run.passes import (
    begin_pass,
    fits_batch,
    in_pass,
    join_batch,
    lead,
    share_out,
    take_tokens,
)
from dfsrt.run.queue_state import (
    ARRIVED,
    BOUNDARY,
    CONTINUOUS,
    DONE,
    DROPPED,
    ENDED_MARGIN,
    FIFO,
    LATE,
    LEFT,
    NEWEST,
    NO_ROOM,
    NOBODY,
    OLDEST,
    PENDING,
    PRIORITY,
    RM,
    STARTED,
    TURN,
    WAITING,
    Queue,
    QueueState,
)
from dfsrt.run.stream import NEVER_NS


def choose(q: Queue, now_ns: int, lane: int = 0) -> int:
    """Give the NPU, or one lane of it, to the first in line at a layer boundary.

    Returns its slot, ``NOBODY``, or ``NO_ROOM`` where nothing could be decided.
    """
    s = q.state
    while True:
        if not take_in(q, now_ns):
            return NO_ROOM
        if s.done >= s.stop_done:
            return NOBODY
        current = s.current
        if s.discipline == CONTINUOUS:
            if current == NOBODY and not _fill_batch(q, now_ns):
                continue  # one was dropped: another may have become free to come
            return s.current
        top = first_ready(q, lane)
        if top == NOBODY:
            return current
        if current != NOBODY and (
            s.discipline == FIFO or in_pass(q, current) or not _outranks(q, top, current)
        ):
            return current
        leave_line(q, top)
        if q.slots[top].status == WAITING and _is_late(q, top, now_ns):
            _drop(q, top, now_ns)
            continue  # another may have become free to come
        if current != NOBODY:
            make_ready(q, current)
            s.preemptions += 1
        _start(q, top, now_ns)
        s.current = top
        s.news |= TURN
        return top


def _outranks(q: Queue, top: int, current: int) -> bool:
    q.slots[current].key = q.slots[current].rank
    return ahead(q.slots, top, current)


def step_on(q: Queue, request: int, now_ns: int) -> None:
    """Book a layer of the current ``request`` that ends now."""
    slot = q.slots[request]
    slot.layer += 1
    q.state.news |= BOUNDARY
    if slot.layer < q.steps[slot.step].stop:
        return
    if slot.tokens > 0:
        _end_pass(q, request, now_ns)
        return
    slot.step += 1
    if slot.step < slot.last_step and q.steps[slot.step].host_ns == 0:
        slot.layer = q.steps[slot.step].first
        return
    q.state.current = NOBODY
    _enter(q, request, now_ns)


def _end_pass(q: Queue, request: int, now_ns: int) -> None:
    """Book a pass of a language model that ends now, and begin the next one if there is one."""
    s, slot = q.state, q.slots[request]
    if s.discipline == CONTINUOUS:
        _end_batch(q, now_ns)
    elif take_tokens(slot, now_ns):
        s.current, slot.step = NOBODY, slot.last_step
        _enter(q, request, now_ns)
    else:
        begin_pass(q, request)


def _end_batch(q: Queue, now_ns: int) -> None:
    """Book a pass of several requests; those that have all their tokens leave."""
    s, kept = q.state, 0
    for k in range(s.n_batch):
        request = int(q.batch[k])
        slot = q.slots[request]
        if slot.share > 0 and take_tokens(slot, now_ns) and s.done < s.stop_done:
            s.cached -= slot.prompt + slot.tokens
            slot.step = slot.last_step
            _enter(q, request, now_ns)
        else:
            q.batch[kept] = request
            kept += 1
    s.n_batch, s.current = kept, NOBODY


def _fill_batch(q: Queue, now_ns: int) -> bool:
    """Form the next pass: of all at work, and of those that wait in turn while there is room.

    Returns False where one was dropped, and nothing is formed yet.
    """
    s = q.state
    room, top = share_out(q), first_ready(q)
    while room > 0 and top != NOBODY and fits_batch(q, top):
        leave_line(q, top)
        if _is_late(q, top, now_ns):
            _drop(q, top, now_ns)
            return False
        _start(q, top, now_ns)
        room -= join_batch(q, top, room)
        top = first_ready(q)
    if s.n_batch > 0:
        s.current = lead(q)
        s.news |= TURN
    return True


def next_event_ns(q: Queue) -> int:
    """Return when the next request comes, or comes back from the host."""
    return min(next_wake_ns(q), next_arrival_ns(q))


def passed_host_ns(s: QueueState, now_ns: int) -> int:
    """Return the time that requests have spent on the host by now, all events till now taken in."""
    return s.host_past_ns + s.hosting * now_ns - s.host_begun_ns


def next_wake_ns(q: Queue) -> int:
    """Return when the next request comes back from the host, or has waited for another."""
    return q.slots[q.asleep[0]].key if q.state.n_asleep > 0 else NEVER_NS


def next_arrival_ns(q: Queue) -> int:
    """Return when the next request comes by the clock."""
    s = q.state
    if s.lap >= s.copies:
        return NEVER_NS
    place = int(q.entry[s.entry])
    return s.lap * s.span_ns + q.stream[place].arrival_ns


def take_in(q: Queue, now_ns: int) -> bool:
    """Take in all that has happened outside the NPU by now; return whether there was room."""
    s = q.state
    while s.done < s.stop_done:
        if s.n_ended + s.n_batch + ENDED_MARGIN > len(q.ended[0]):
            return False
        wake, come = next_wake_ns(q), next_arrival_ns(q)
        if wake > now_ns and come > now_ns:
            break
        if wake <= come:
            _wake(q, wake)
        elif s.free == NOBODY:
            return False
        else:
            request = take_slot(q, s.lap, q.entry[s.entry])
            _move_on(q)
            _arrive(q, request, come)
    return True


def _move_on(q: Queue) -> None:
    """Let the stream stand at the next request that comes by the clock."""
    s = q.state
    s.entry += 1
    if s.entry == len(q.entry):
        s.entry = 0
        # In a closed loop the first of a chain comes by the clock in the first copy only.
        s.lap = s.copies if s.closed else s.lap + 1


def _wake(q: Queue, at_ns: int) -> None:
    """Let the request whose time on the host, or of waiting for another, has ended go on."""
    request = wake_first(q)
    slot = q.slots[request]
    if slot.status == PENDING:
        _arrive(q, request, at_ns)
    elif slot.status == WAITING:
        _release(q, request, at_ns)
    elif slot.status == STARTED:
        _end_host(q.state, q.steps[slot.step].host_ns, at_ns)
        slot.step += 1
        _enter(q, request, at_ns)
    else:  # dropped in the moment in which it could have come: the one after it may
        _let_next_come(q, request, at_ns)
        free_if_gone(q, request)


def _end_host(s: QueueState, spent_ns: int, at_ns: int) -> None:
    s.hosting -= 1
    s.host_begun_ns -= at_ns - spent_ns
    s.host_past_ns += spent_ns


def _arrive(q: Queue, request: int, at_ns: int) -> None:
    s, slot = q.state, q.slots[request]
    slot.arrival_ns, slot.status = at_ns, WAITING
    slot.rank = _rank(q, request, at_ns)
    s.came += 1
    work = q.workloads[slot.workload]
    work.here, work.came_ns = work.here + 1, at_ns
    s.news |= ARRIVED
    join_waiting(q, request)
    if s.n_waiting > s.limit:
        if s.drop == NEWEST:
            _drop(q, request, at_ns)
            return
        if s.drop == OLDEST:
            _drop(q, s.oldest, at_ns)
    if work.in_order:
        chain = q.chains[slot.chain]
        if chain.taken:
            join_chain(q, request)
            return  # until the one before in its session has left
        chain.taken, chain.last = True, request
    _release(q, request, at_ns)


def _rank(q: Queue, request: int, at_ns: int) -> int:
    """Return what a request is ranked by: less is earlier."""
    if q.state.discipline == FIFO or q.state.discipline == CONTINUOUS:
        return at_ns
    if q.state.discipline == PRIORITY:
        return -q.stream[q.slots[request].place].priority
    if q.state.discipline == RM:
        return q.workloads[q.slots[request].workload].period_ns
    return at_ns + q.slots[request].deadline_ns


def _release(q: Queue, request: int, at_ns: int) -> None:
    """Let a request begin: pick its program by how many of its session were served."""
    slot = q.slots[request]
    work, served = q.workloads[slot.workload], q.chains[slot.chain].served
    if served == 0:
        slot.step, slot.last_step = work.first, work.key
    elif served % work.every == 0:
        slot.step, slot.last_step = work.key, work.between
    else:
        slot.step, slot.last_step = work.between, work.end
    if slot.tokens > 0:
        begin_pass(q, request)
        make_ready(q, request)
    elif q.steps[slot.step].host_ns == 0:
        slot.layer = q.steps[slot.step].first
        make_ready(q, request)
    elif _is_late(q, request, at_ns):
        _drop(q, request, at_ns)
    else:
        _start(q, request, at_ns)
        _enter(q, request, at_ns)


def _start(q: Queue, request: int, at_ns: int) -> None:
    slot = q.slots[request]
    if slot.status == WAITING:
        slot.status, slot.admit_ns = STARTED, at_ns
        leave_waiting(q, request)


def _enter(q: Queue, request: int, at_ns: int) -> None:
    """Begin the step at which a started request stands, or finish."""
    s, slot = q.state, q.slots[request]
    if slot.step == slot.last_step:
        s.done += 1
        q.chains[slot.chain].served += 1
        _end(q, request, at_ns, DONE)
        _let_next_come(q, request, at_ns)
        free_if_gone(q, request)
        return
    step = q.steps[slot.step]
    if step.host_ns > 0:
        step.host_calls += 1
        s.hosting += 1
        s.host_begun_ns += at_ns
        sleep(q, request, at_ns + step.host_ns)
    else:
        slot.layer = step.first
        make_ready(q, request)


def _is_late(q: Queue, request: int, now_ns: int) -> bool:
    slot = q.slots[request]
    return q.state.drop == LATE and now_ns >= slot.arrival_ns + slot.deadline_ns


def _drop(q: Queue, request: int, at_ns: int) -> None:
    """Give up a waiting request; it may still stand in a line, where it is passed over."""
    q.state.dropped += 1
    leave_waiting(q, request)
    _end(q, request, at_ns, DROPPED)
    if q.slots[request].step != NOBODY or q.state.closed:
        _let_next_come(q, request, at_ns)
    free_if_gone(q, request)


def _end(q: Queue, request: int, at_ns: int, status: int) -> None:
    """Write a request that leaves to ``ended``."""
    slot = q.slots[request]
    slot.status, slot.finish_ns = status, at_ns
    work = q.workloads[slot.workload]
    work.here, work.last = work.here - 1, slot.last_step if status == DONE else NOBODY
    q.state.news |= LEFT
    write_ended(q, request)


def write_ended(q: Queue, request: int) -> None:
    """Write a request to ``ended`` as it stands."""
    slot, columns, n = q.slots[request], q.ended, q.state.n_ended
    columns[0][n], columns[1][n] = slot.number, slot.workload
    columns[2][n], columns[3][n] = slot.arrival_ns, slot.admit_ns
    columns[4][n], columns[5][n] = slot.finish_ns, slot.deadline_ns
    columns[6][n], columns[7][n] = slot.status, slot.wake_ns
    columns[8][n], columns[9][n] = slot.prompt, slot.tokens
    columns[10][n], columns[11][n] = slot.first_ns, slot.gap_ns
    q.state.n_ended += 1


def _let_next_come(q: Queue, request: int, at_ns: int) -> None:
    """Let the next of the session come, where it has to wait for this one."""
    slot = q.slots[request]
    if q.state.closed:
        q.chains[slot.chain].taken = False
        _bring_successor(q, request, at_ns)
    elif q.workloads[slot.workload].in_order:
        after = next_in_chain(q, request)
        q.chains[slot.chain].taken = after != NOBODY
        if after != NOBODY:
            sleep(q, after, at_ns)


def _bring_successor(q: Queue, request: int, at_ns: int) -> None:
    """Let the next request of a closed loop's session come now, from the next copy if need be."""
    slot = q.slots[request]
    copy, place = slot.lap, q.stream[slot.place].successor
    if place == NOBODY:
        copy, place = copy + 1, q.chains[slot.chain].first
    if copy < q.state.copies:
        after = take_slot(q, copy, place)
        q.slots[after].arrival_ns = at_ns
        sleep(q, after, at_ns)
