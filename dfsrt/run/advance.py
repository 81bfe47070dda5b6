"""``advance``: choose a request, start a layer, book it, go on; the one loop of every run.

Who runs is the queue's to say, what a layer boundary allows ``start_layer``'s. The same functions
run as plain Python, over lists and dataclasses, and as machine code, over arrays and records.
"""

from __future__ import annotations

from dfsrt.run.machine import (
    DONE,
    FULL,
    GO_ON,
    HORIZON,
    LAP,
    PLAN,
    REQUEST,
    UNTIL,
    Asked,
    Device,
    Machine,
    Out,
    Wish,
    is_full,
    run_layer,
    stand_until,
)
from dfsrt.run.meter import Meter, book_idle, book_run
from dfsrt.run.queue import choose, next_event_ns, step_on, take_in
from dfsrt.run.queue_state import BOUNDARY, EVENTS, NO_ROOM, NOBODY, Queue
from dfsrt.run.replan import replan
from dfsrt.run.stream import NEVER_NS


def advance(
    m: Machine, device: Device, wish: Wish, asked: Asked, q: Queue, out: Out, meter: Meter
) -> int:
    """Run until a ``Stop``, and return which; the records say where things stand."""
    last_run, last_done = m.runs + asked.runs, q.state.done
    while q.state.done < q.state.stop_done:
        if m.slot != NOBODY:
            if not end_layer(m, q):
                return FULL
            continue
        stop = stop_here(m, asked, q, out, last_run, last_done)
        if stop != GO_ON:
            return stop
        request = choose(q, m.now_ns)
        if request == NO_ROOM:
            return FULL
        if request == NOBODY:
            if not rest(m, device, asked, q, out, meter):
                break
        elif asked.stale or q.state.news & asked.plans_at:
            return PLAN
        else:
            if m.rule and q.state.news & EVENTS:
                replan(m, wish.speeds, q, request)
            q.state.news = 0
            run_alone(m, device, wish, asked, q, out, meter, request, last_run)
            m.slot = request
    return DONE


def end_layer(m: Machine, q: Queue) -> bool:
    """Tell the queue of the layer that has ended; return whether there was room.

    What has happened before the layer's end comes before it.
    """
    if not take_in(q, m.now_ns - 1):
        return False
    if q.state.done < q.state.stop_done:
        step_on(q, m.slot, m.now_ns)
        m.slot = NOBODY
    return True


def stop_here(m: Machine, asked: Asked, q: Queue, out: Out, last_run: int, last_done: int) -> int:
    """Return why to stop at this boundary, or ``GO_ON``."""
    if asked.each_request and q.state.done > last_done:
        return REQUEST
    if m.now_ns >= asked.until_ns:
        return UNTIL
    if m.now_ns >= asked.horizon_ns:
        return HORIZON
    if is_full(m, out) or m.runs >= last_run:
        return FULL
    s = q.state
    if (s.done + s.dropped if s.closed else s.lap) >= asked.lap_at:
        return LAP
    return GO_ON


def rest(m: Machine, device: Device, asked: Asked, q: Queue, out: Out, meter: Meter) -> bool:
    """Stand idle until something comes; return False where nothing will."""
    event_ns = next_event_ns(q)
    if event_ns == NEVER_NS or q.state.done >= q.state.stop_done:
        return False
    rest_until(m, device, asked, out, meter, min(event_ns, asked.until_ns))
    return True


def rest_until(
    m: Machine, device: Device, asked: Asked, out: Out, meter: Meter, until_ns: int
) -> None:
    """Let time pass with the clock stopped, and book it."""
    begin = m.now_ns
    stand_until(m, device, asked, out, until_ns)
    if meter.on:
        book_idle(meter, m, device.rail, begin)


def run_alone(
    m: Machine,
    device: Device,
    wish: Wish,
    asked: Asked,
    q: Queue,
    out: Out,
    meter: Meter,
    request: int,
    last_run: int,
) -> None:
    """Run layers of one step for as long as nobody can come; the last is for ``step_on``."""
    slot = q.slots[request]
    stop = q.steps[slot.step].stop
    alone_ns = min(next_event_ns(q), asked.horizon_ns, asked.until_ns)
    m.request, m.layer = slot.number, slot.layer
    while True:
        stall = run_layer(m, device, wish, asked, out)
        if meter.on:
            book_run(meter, m, device.rail, stall)
        if m.layer == stop or m.now_ns >= alone_ns or asked.plans_at & BOUNDARY:
            break
        if is_full(m, out) or m.runs >= last_run:
            break
    slot.layer = m.layer - 1
