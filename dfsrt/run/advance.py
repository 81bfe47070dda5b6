"""``advance``: choose a request, start a layer, book it, go on; the one loop of every run.

Who runs is the queue's to say, what a layer boundary allows ``start_layer``'s. The same functions
run as plain Python, over lists and dataclasses, and as machine code, over arrays and records.
"""

from __future__ import annotations

from dfsrt.run.lines import first_ready
from dfsrt.run.machine import (
    DONE,
    FULL,
    GO_ON,
    HORIZON,
    LAP,
    PLAN,
    REQUEST,
    SLEEP,
    UNTIL,
    Asked,
    Device,
    Machine,
    Out,
    Wish,
    is_full,
    run_layer,
)
from dfsrt.run.meter import Meter, book_run
from dfsrt.run.queue import choose, next_event_ns, step_on, take_in
from dfsrt.run.queue_state import BOUNDARY, EVENTS, NO_ROOM, NOBODY, Queue
from dfsrt.run.replan import replan
from dfsrt.run.sleep import end_phase, end_stretch, pass_time, want
from dfsrt.run.sleep_state import UP
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
        request = next_request(m, device, q, out)
        if request == NO_ROOM:
            return FULL
        if request == NOBODY:
            stop = rest(m, device, asked, q, out, meter)
            if stop != GO_ON:
                return stop
        elif asked.stale or q.state.news & asked.plans_at:
            return PLAN
        else:
            if m.rule and (q.state.news & EVENTS or m.now_ns >= m.review_ns):
                replan(m, wish.speeds, q, request)
            q.state.news = 0
            run_alone(m, device, wish, asked, q, out, meter, request, last_run)
            m.slot = request
    return DONE


def next_request(m: Machine, device: Device, q: Queue, out: Out) -> int:
    """Return whose turn it is, as ``choose`` does; nobody's while the NPU is not up."""
    if m.phase != UP:
        end_phase(m, device, q)
    return choose(q, m.now_ns) if m.phase == UP else in_sleep(m, device, q, out)


def in_sleep(m: Machine, device: Device, q: Queue, out: Out) -> int:
    """Let requests come to an NPU that is not up, and wake it for them; who it is, they wait."""
    if not take_in(q, m.now_ns):
        return NO_ROOM
    if q.state.done < q.state.stop_done and first_ready(q) != NOBODY:
        want(m, device, out)
    return NOBODY


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
    if m.rule and (m.memory_ns <= m.now_ns or m.memory != asked.memory):
        return HORIZON  # a rule is to go by the times at the memory's new point
    s = q.state
    if (s.done + s.dropped if s.closed else s.lap) >= asked.lap_at:
        return LAP
    return GO_ON


def rest(m: Machine, device: Device, asked: Asked, q: Queue, out: Out, meter: Meter) -> int:
    """Stand idle until something comes or turns; return why to stop, or ``GO_ON``."""
    event_ns = next_event_ns(q)
    if q.state.done >= q.state.stop_done or (event_ns == NEVER_NS and m.wanted_ns < 0):
        return DONE
    until_ns = min(event_ns, asked.until_ns)
    while True:
        if not pass_time(m, device, asked, q, out, meter, until_ns):
            return SLEEP
        if m.now_ns >= min(until_ns, asked.horizon_ns) or m.wanted_ns >= 0 or is_full(m, out):
            return GO_ON


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
    if m.idle_since_ns >= 0:
        slot.wake_ns += end_stretch(m, device, out)
    stop = q.steps[slot.step].stop
    alone_ns = min(next_event_ns(q), asked.horizon_ns, asked.until_ns, m.review_ns)
    m.request, m.layer = slot.number, slot.layer
    m.units, m.shared = slot.units, slot.shared
    while True:
        stall = run_layer(m, device, wish, asked, out)
        if meter.on:
            book_run(meter, m, device.rail, stall)
        if m.layer == stop or m.now_ns >= alone_ns or asked.plans_at & BOUNDARY:
            break
        if is_full(m, out) or m.runs >= last_run or m.memory_ns <= m.now_ns:
            break
    slot.layer = m.layer - 1
