"""The queue's kernel: runs the requests of a queue from one control event to the next.

Who runs is the queue's to say, what a layer boundary allows ``start_layer``'s, and rows are
written or counted as in ``kernel``: this file is the loop around them.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from dfsrt.compiled import compiled
from dfsrt.device.boundary import guaranteed_at, start_layer
from dfsrt.runtime import kernel, queue
from dfsrt.runtime.kernel import (
    LAYER,
    NOW,
    REQUEST,
    RUNS,
    Array,
    Device,
    Out,
    Wish,
    idle_until,
    is_full,
    run_layer,
)
from dfsrt.runtime.queue import NEVER_NS, NOBODY, STOP, Queue, advance, choose, next_event_ns
from dfsrt.runtime.recorder import IDLE


class QueueDemand(NamedTuple):
    """How far to go, and how to write it down."""

    horizon_ns: int
    until_ns: int
    runs: int
    cap_step: int
    every_row: bool
    stale: bool


def run_queue(
    state: Array, device: Device, wish: Wish, demand: QueueDemand, q: Queue, out: Out
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
            idle_until(state, demand, out, min(event_ns, demand.until_ns))
            continue
        if demand.stale:
            return 3  # PLAN
        _run_alone(state, device, wish, demand, q, out, request, last_run)
        advance(q, request, state[NOW])
    return 0  # DONE


def _run_alone(
    state: Array,
    device: Device,
    wish: Wish,
    demand: QueueDemand,
    q: Queue,
    out: Out,
    request: int,
    last_run: int,
) -> None:
    """Run layers of one step for as long as nobody can come; the last is left to ``advance``."""
    stop = q.step[q.at_step[request], STOP]
    alone_ns = min(next_event_ns(q), demand.horizon_ns, demand.until_ns)
    state[REQUEST], state[LAYER] = request, q.at_layer[request]
    while True:
        run_layer(state, device, wish, demand, out)
        if state[LAYER] == stop or state[NOW] >= alone_ns:
            break
        if is_full(state, out) or state[RUNS] >= last_run:
            break
    q.at_layer[request] = state[LAYER] - 1


def compiled_kernel() -> Any:
    """Return ``run_queue`` as machine code, compiled on the first call of all."""
    helpers = (*kernel.HELPERS, *kernel.RARE, is_full, *queue.HELPERS)
    inlined = (guaranteed_at, start_layer, run_layer, _run_alone)
    return compiled(run_queue, helpers, inlined, allocates=False)
