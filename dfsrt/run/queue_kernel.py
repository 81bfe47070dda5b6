"""The queue's kernel: runs the requests of a queue from one control event to the next.

Who runs is the queue's to say, what a layer boundary allows ``start_layer``'s, and rows are
written or counted as in ``kernel``: this file is the loop around them.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from dfsrt.base.compiled import compiled
from dfsrt.device.boundary import guaranteed_at, start_layer
from dfsrt.run import kernel, metering, queue
from dfsrt.run.kernel import (
    FROM_UV,
    LAST_BEGIN,
    LAYER,
    LEVEL,
    NOW,
    REQUEST,
    RUNS,
    SET_POINT,
    SETTLED,
    TO_UV,
    Array,
    Device,
    Out,
    Wish,
    idle_until,
    is_full,
    run_layer,
)
from dfsrt.run.metering import Meter, Rail, book_idle, book_run
from dfsrt.run.queue import NEVER_NS, NOBODY, STOP, Queue, advance, choose, next_event_ns
from dfsrt.run.recorder import IDLE


class QueueDemand(NamedTuple):
    """How far to go, and how to write it down."""

    horizon_ns: int
    until_ns: int
    runs: int
    cap_step: int
    every_row: bool
    stale: bool


def run_queue(
    state: Array, device: Device, wish: Wish, demand: QueueDemand, q: Queue, out: Out, meter: Meter
) -> int:
    """Run until a ``Stop``, and return which; ``state`` is where things stand, then and after."""
    last_run = state[RUNS] + demand.runs
    while state[NOW] < demand.until_ns:
        if state[NOW] >= demand.horizon_ns:
            return 1  # HORIZON
        if is_full(state, out) or state[RUNS] >= last_run:
            return 2  # FULL
        request = choose(q, state[NOW])
        if request == NOBODY:
            event_ns = next_event_ns(q)
            if event_ns == NEVER_NS:
                return 0  # DONE
            state[REQUEST] = IDLE
            stand_until(state, device, demand, out, meter, min(event_ns, demand.until_ns))
            continue
        if demand.stale:
            return 3  # PLAN
        _run_alone(state, device, wish, demand, q, out, meter, request, last_run)
        advance(q, request, state[NOW])
    return 0  # DONE


def stand_until(
    state: Array, device: Device, demand: QueueDemand, out: Out, meter: Meter, until_ns: int
) -> None:
    """Let time pass with the clock stopped."""
    begin = state[NOW]
    idle_until(state, demand, out, until_ns)
    if meter.on:
        book_idle(meter, begin, state[NOW], _rail(state, device))


def _run_alone(
    state: Array,
    device: Device,
    wish: Wish,
    demand: QueueDemand,
    q: Queue,
    out: Out,
    meter: Meter,
    request: int,
    last_run: int,
) -> None:
    """Run layers of one step for as long as nobody can come; the last is left to ``advance``."""
    stop = q.step[q.at_step[request], STOP]
    alone_ns = min(next_event_ns(q), demand.horizon_ns, demand.until_ns)
    state[REQUEST], state[LAYER] = request, q.at_layer[request]
    while True:
        run_layer(state, device, wish, demand, out)
        if meter.on:
            _book(state, device, meter)
        if state[LAYER] == stop or state[NOW] >= alone_ns:
            break
        if is_full(state, out) or state[RUNS] >= last_run:
            break
    q.at_layer[request] = state[LAYER] - 1


def _book(state: Array, device: Device, meter: Meter) -> None:
    """Book the layer that has just run."""
    layer, level, begin, end = state[LAYER] - 1, state[LEVEL], state[LAST_BEGIN], state[NOW]
    start = end - device.duration_ns[layer, level]
    book_run(meter, layer, level, begin, start, end, _rail(state, device))


def _rail(state: Array, device: Device) -> Rail:
    return Rail(state[SETTLED], state[FROM_UV], state[TO_UV], state[SET_POINT], device.rail)


HELPERS = (
    *kernel.HELPERS,
    *kernel.RARE,
    is_full,
    *queue.HELPERS,
    *metering.HELPERS,
    stand_until,
    _book,
)
INLINED = (guaranteed_at, start_layer, run_layer, *metering.INLINED, _rail, _book, _run_alone)


def compiled_kernel() -> Any:
    """Return ``run_queue`` as machine code, compiled on the first call of all."""
    return compiled(run_queue, HELPERS, INLINED, allocates=False)
