"""The loop in a world: layers and ticks until a limit changes."""

from __future__ import annotations

from collections.abc import Callable

from dfsrt.run.advance import advance
from dfsrt.run.machine import (
    DONE,
    END,
    FULL,
    HORIZON,
    LIMITS,
    SLEEP,
    UNTIL,
    Asked,
    Device,
    Machine,
    Out,
    Wish,
)
from dfsrt.run.meter import Meter
from dfsrt.run.queue import passed_host_ns, take_in
from dfsrt.run.queue_state import Queue
from dfsrt.run.sleep import pass_time
from dfsrt.world.state import End
from dfsrt.world.tick import close_tick
from dfsrt.world.world import World

TICKS = 20_000
"""Ticks of one call at most, so that an interrupt is heard and a bar moves."""


def loop_of(in_world: bool) -> Callable[..., int]:
    """Return the loop that runs go round, in a world or without one."""
    return advance_in_world if in_world else advance


def advance_in_world(
    m: Machine,
    device: Device,
    wish: Wish,
    asked: Asked,
    q: Queue,
    out: Out,
    meter: Meter,
    world: World,
    ticks: int,
) -> int:
    """Run until a ``Stop``, and return which; the world's books are closed at every tick.

    A tick is closed at the first layer boundary from its time on, and where the last request that
    was asked for has finished.
    """
    for _ in range(ticks):
        asked.until_ns = world.state.next_ns
        stop = advance(m, device, wish, asked, q, out, meter)
        if stop != UNTIL and stop != DONE:
            return stop
        if q.state.done < q.state.stop_done:
            while m.now_ns < asked.until_ns:
                if m.now_ns >= asked.idle_ns:
                    return HORIZON
                if not pass_time(m, device, asked, q, out, meter, asked.until_ns):
                    return SLEEP
            if not take_in(q, m.now_ns):
                return FULL
        host_ns = passed_host_ns(q.state, m.now_ns)
        changed = close_tick(world, meter, m.now_ns, q.state.done, host_ns)
        if world.state.end != End.GOES_ON:
            return END
        if changed:
            return LIMITS
    return FULL
