"""``advance_lanes``: the loop of cores that work side by side, from one event to the next.

Beside ``advance``, with the same queue, the same stops and the same boundaries. An event is the end
of a stall, of a launch, of a layer's bytes or of a layer, a request that comes to a lane at rest,
or the time at which the run ends. A lane at rest is at a boundary all the time. In the same
nanosecond layers end first, in order of their lanes; then requests are chosen, for lanes at rest
before those that go on; then layers begin.
"""

from __future__ import annotations

from collections.abc import Sequence

from dfsrt.run.advance import stop_here
from dfsrt.run.lanes.boundary import begin_layers
from dfsrt.run.lanes.lane import ENDED, REST, WORK, Lane, Work
from dfsrt.run.lanes.progress import go_on, is_done, next_ns
from dfsrt.run.lanes.rows import has_room, rest_from, write_lane_row
from dfsrt.run.lanes.sharing import share_out
from dfsrt.run.machine import DONE, FULL, GO_ON, PLAN, Asked, Device, Machine, Out, Wish
from dfsrt.run.meter import Meter
from dfsrt.run.queue import choose, next_event_ns, step_on, take_in
from dfsrt.run.queue_state import NO_ROOM, NOBODY, Queue
from dfsrt.run.stream import NEVER_NS


def advance_lanes(
    m: Machine,
    device: Device,
    wish: Wish,
    asked: Asked,
    q: Queue,
    out: Out,
    meter: Meter,
    lanes: Sequence[Lane],
    work: Work,
) -> int:
    """Run until a ``Stop``, and return which; the records say where things stand."""
    last_run, last_done, levels = m.runs + asked.runs, q.state.done, len(device.needs_uv)
    while q.state.done < q.state.stop_done:
        if not has_room(m, lanes, out):
            return FULL
        if count(lanes, WORK) < len(lanes):
            if not end_layers(m, q, lanes):
                return FULL
            stop = stop_here(m, asked, q, out, last_run, last_done)
            if stop != GO_ON:
                return stop
            stop = begin(m, device, wish, asked, q, out, lanes, work)
            if stop != GO_ON:
                return stop
        if not pass_on(m, asked, q, out, lanes, work, levels):
            return DONE
    return DONE


def begin(
    m: Machine,
    device: Device,
    wish: Wish,
    asked: Asked,
    q: Queue,
    out: Out,
    lanes: Sequence[Lane],
    work: Work,
) -> int:
    """Choose for lanes at rest and begin their layers; return why to stop, or ``GO_ON``."""
    if q.state.done >= q.state.stop_done:
        return DONE
    if not take_turns(m, q, lanes):
        return FULL
    if will_begin(lanes):
        if asked.stale or q.state.news & asked.plans_at:
            return PLAN
        q.state.news = 0
        begin_layers(m, device, wish, asked, q, out, lanes, work)
    m.last_begin_ns = m.now_ns
    return GO_ON


def count(lanes: Sequence[Lane], doing: int) -> int:
    """Return how many lanes do that."""
    number = 0
    for k in range(len(lanes)):
        number += lanes[k].doing == doing
    return number


def end_layers(m: Machine, q: Queue, lanes: Sequence[Lane]) -> bool:
    """Tell the queue of the layers that have ended; return whether there was room.

    What has happened before their end comes before it.
    """
    for k in range(len(lanes)):
        lane = lanes[k]
        if lane.doing == ENDED:
            if not take_in(q, m.now_ns - 1):
                return False
            if q.state.done < q.state.stop_done:
                q.state.current = lane.current
                step_on(q, lane.current, m.now_ns)
                lane.current = q.state.current
                rest_from(lane, m.now_ns)
    return True


def take_turns(m: Machine, q: Queue, lanes: Sequence[Lane]) -> bool:
    """Give lanes that are not at work to requests; return whether there was room."""
    for goes_on in (False, True):
        for k in range(len(lanes)):
            lane = lanes[k]
            if lane.doing == REST and (lane.current != NOBODY) == goes_on:
                q.state.current = lane.current
                chosen = choose(q, m.now_ns, k)
                if chosen == NO_ROOM:
                    return False
                lane.current = q.state.current
    return True


def will_begin(lanes: Sequence[Lane]) -> bool:
    """Whether any lane at rest has a request."""
    waits = False
    for k in range(len(lanes)):
        waits |= lanes[k].doing == REST and lanes[k].current != NOBODY
    return waits


def pass_on(
    m: Machine, asked: Asked, q: Queue, out: Out, lanes: Sequence[Lane], work: Work, levels: int
) -> bool:
    """Let time pass up to the next event; return False where there is none."""
    share_out(lanes, work, levels)
    until_ns, now = NEVER_NS, m.now_ns
    for k in range(len(lanes)):
        if lanes[k].doing == WORK:
            until_ns = min(until_ns, now + next_ns(lanes[k]))
    works = until_ns < NEVER_NS
    if count(lanes, WORK) < len(lanes):
        event_ns = next_event_ns(q)
        if not works and event_ns == NEVER_NS:
            return False
        until_ns = min(until_ns, event_ns, asked.until_ns)
    m.now_ns = until_ns
    if works:
        m.busy_ns += until_ns - now
    else:
        m.last_begin_ns = -1
    for k in range(len(lanes)):
        if lanes[k].doing == WORK:
            go_on(lanes[k], until_ns - now)
            if is_done(lanes[k]):
                lanes[k].doing = ENDED
                m.runs += 1
                write_lane_row(m, asked, out, lanes[k], k, work, levels)
    return True
