"""A boundary of lanes: layers begin, and what clock and rail they get (rules 1 to 3).

Where cores share a clock it is the slowest, and the rail the lowest, that the layers at work wish:
what each lane's share of the cap allows then holds for all. A change stalls all lanes. Cores with
clocks of their own have what their layer wishes, on the highest rail that any layer at work does.
"""

from __future__ import annotations

from collections.abc import Sequence

from dfsrt.device.boundary import NO_COMMAND, start_layer
from dfsrt.run.lanes.lane import REST, UNBEGUN, WORK, Lane, Work
from dfsrt.run.lanes.progress import begin_work, change_clock
from dfsrt.run.lanes.rows import cut, write_lane_row
from dfsrt.run.machine import Asked, Device, Machine, Out, Wish, move_rail
from dfsrt.run.queue_state import NOBODY, Queue
from dfsrt.run.stream import NEVER_NS


def begin_layers(
    m: Machine,
    device: Device,
    wish: Wish,
    asked: Asked,
    q: Queue,
    out: Out,
    lanes: Sequence[Lane],
    work: Work,
) -> None:
    """Begin the next layer of every lane that has a request and is not at work."""
    levels, first = len(device.needs_uv), NOBODY
    for k in range(len(lanes)):
        lane = lanes[k]
        if lane.doing == REST and lane.current != NOBODY:
            if lane.begin_ns < m.now_ns:
                write_lane_row(m, asked, out, lane, k, work, levels)
            take_up(m, wish, q, lane)
            if work.own_clocks:
                set_clock(m, device, asked, out, lanes, work, k)
            else:
                first = k
    if first != NOBODY:
        set_clock(m, device, asked, out, lanes, work, first)


def take_up(m: Machine, wish: Wish, q: Queue, lane: Lane) -> None:
    """Let a lane take up the layer at which its request stands, and what that wishes."""
    slot = q.slots[lane.current]
    lane.request, lane.layer, lane.doing = slot.number, slot.layer, WORK
    lane.begin_ns, lane.head_ns = m.now_ns, UNBEGUN
    wished = m.plan + lane.layer
    lane.wish_level, lane.wish_uv = wish.level[wished], wish.rail_uv[wished]
    lane.wish_point = wish.set_point[wished]


def set_clock(
    m: Machine,
    device: Device,
    asked: Asked,
    out: Out,
    lanes: Sequence[Lane],
    work: Work,
    number: int,
) -> None:
    """Set the clock of all lanes, or lane ``number``'s own, and begin the layers taken up."""
    levels, before, own = len(device.needs_uv), lanes[number].level, work.own_clocks
    rail = lanes[of_rail(lanes, number, own)]
    level, stall, command = start_layer(
        m.now_ns,
        before,
        m.from_uv,
        m.to_uv,
        m.settled_ns,
        lanes[number].wish_level if own else slowest_wish(lanes),
        rail.wish_uv,
        device.stall_ns,
        device.needs_uv,
        device.rail,
    )
    if command != NO_COMMAND or (level != before and not own):
        cut(m, asked, out, lanes, work, levels)
    m.level = level
    for k in range(len(lanes)):
        if k == number or not own:
            if lanes[k].head_ns == UNBEGUN:
                out.transitions[before * levels + level] += 1
                before = level
            change_lane(lanes[k], work, levels, level, stall)
    if command != NO_COMMAND:
        move_rail(m, device, asked, out, command, rail.wish_uv, rail.wish_point)


def slowest_wish(lanes: Sequence[Lane]) -> int:
    """Return the slowest clock that a layer at work wishes; there is one."""
    level = NEVER_NS
    for k in range(len(lanes)):
        if lanes[k].doing == WORK:
            level = min(level, lanes[k].wish_level)
    return int(level)


def of_rail(lanes: Sequence[Lane], number: int, own: bool) -> int:
    """Return the lane whose wish the rail follows: the lowest, with ``own`` clocks the highest.

    Lane ``number`` is at work.
    """
    chosen = number
    for k in range(len(lanes)):
        if lanes[k].doing == WORK:
            above = lanes[k].wish_uv - lanes[chosen].wish_uv
            if (above > 0) if own else (above < 0):
                chosen = k
    return chosen


def change_lane(lane: Lane, work: Work, levels: int, level: int, stall_ns: int) -> None:
    """Give a lane its clock after a stall: a new layer begins, one at work goes on with it."""
    before, lane.level = lane.level, level
    if lane.doing != WORK:
        return
    first = lane.layer * levels
    if lane.head_ns == UNBEGUN:
        begin_work(lane, work, first + level, stall_ns)
        return
    lane.stall_ns += stall_ns
    lane.stalled_ns += stall_ns
    if level != before:
        change_clock(lane, work, first + before, first + level)
