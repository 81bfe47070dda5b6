"""The kernel: runs requests and layers from one control event to the next.

Plain Python over arrays, compiled on first use (``compiled_kernel``). It decides nothing on its
own: layer boundaries are ``start_layer``'s, rail moves ``move_ns``'s, arrivals ``arrival_ns``'s,
the same functions that the SimPy path calls. Rows in which the rail moves or that may reach over
the horizon are written one by one; all others are counted by what they have in common, unless
every row is asked for.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dfsrt.base.compiled import compiled
from dfsrt.device import rules
from dfsrt.device.boundary import (
    NO_COMMAND,
    RailTimes,
    guaranteed_at,
    highest_level,
    move_ns,
    start_layer,
)
from dfsrt.run.arrivals import arrival_ns
from dfsrt.run.recorder import IDLE, STANDS

Array = NDArray[np.int64]

# Places in the state array.
NOW = 0
LEVEL = 1
FROM_UV = 2  # the rail's last move
TO_UV = 3
SETTLED = 4
SET_POINT = 5  # index of TO_UV among the set points
REQUEST = 6  # requests finished
LAYER = 7  # next layer of the present request
ARRIVED = 8  # 1 once the present request has come
ARRIVAL = 9
ADMITTED = 10  # when its first layer began
BUSY = 11  # time spent in layers so far, stalls included
LAST_BEGIN = 12  # when the last thing done began, if that was a layer; else -1
RUNS = 13  # layer runs so far
N_ROWS = 14  # used places in the buffers
N_MOVES = 15
N_REQUESTS = 16
ALL_MOVES = 17  # moves commanded before and in this buffer
STATE_SIZE = 18


class Stop(IntEnum):
    """Why a stretch ended."""

    DONE = 0  # all requests asked for have finished
    HORIZON = 1  # the next boundary is at or after the next control event
    FULL = 2  # a buffer is full, or the runs allowed in one call are used up
    PLAN = 3  # a layer could start, but the plan is stale


class Device(NamedTuple):
    """The device's tables: durations ``(n_layers, n_levels)``, and what each level needs.

    ``stall_ns`` is flat as ``start_layer`` takes it; ``stall_kind`` numbers the distinct stalls.
    """

    duration_ns: Array
    stall_ns: Array
    stall_kind: Array
    needs_uv: Array
    rail: RailTimes


class Wish(NamedTuple):
    """A clamped plan, each ``(n_layers,)``; ``set_point`` is the index of ``rail_uv``."""

    level: Array
    rail_uv: Array
    set_point: Array


class Demand(NamedTuple):
    """What is asked for: requests until a count, their arrivals, and how far to go."""

    requests: int
    period_ns: int
    times_ns: Array
    horizon_ns: int
    runs: int
    cap_step: int
    every_row: bool
    stale: bool


class Out(NamedTuple):
    """Where results go.

    Rows are ``(capacity, 9)`` as in the recorder; moves ``(capacity, 6)``; requests ``(capacity,
    3)``: arrival, first start, finish. ``counts`` is ``(n_layers, n_levels, n_set_points,
    n_stalls)``, ``idle_ns`` ``(n_set_points,)``, ``transitions`` ``(n_levels, n_levels)``.
    """

    rows: Array
    moves: Array
    requests: Array
    counts: Array
    idle_ns: Array
    transitions: Array


def run_stretch(state: Array, device: Device, wish: Wish, demand: Demand, out: Out) -> int:
    """Run until a ``Stop``, and return which; ``state`` is where things stand, then and after."""
    last_run = state[RUNS] + demand.runs
    while state[REQUEST] < demand.requests:
        if state[NOW] >= demand.horizon_ns:
            return 1  # HORIZON
        if is_full(state, out) or state[RUNS] >= last_run:
            return 2  # FULL
        if state[ARRIVED] == 0 and _await_arrival(state, demand, out):
            continue  # time has passed: look at the horizon again
        if demand.stale:
            return 3  # PLAN
        run_layer(state, device, wish, demand, out)
        if state[LAYER] == len(wish.level):
            _finish(state, out)
    return 0  # DONE


def is_full(state: Array, out: Out) -> bool:
    """Whether a buffer has no place left."""
    return bool(
        state[N_ROWS] == len(out.rows)
        or state[N_MOVES] == len(out.moves)
        or state[N_REQUESTS] == len(out.requests)
    )


def _await_arrival(state: Array, demand: Demand, out: Out) -> bool:
    """Let the next request come; return whether that took time."""
    now = state[NOW]
    arrival = arrival_ns(state[REQUEST], now, demand.period_ns, demand.times_ns)
    state[ARRIVED], state[ARRIVAL] = 1, arrival
    if arrival <= now:
        return False
    idle_until(state, demand, out, arrival)
    return True


def idle_until(state: Array, demand: Any, out: Out, until_ns: int) -> None:
    """Let time pass with the clock stopped."""
    now = state[NOW]
    state[LAST_BEGIN] = -1
    if until_ns <= now:
        return
    if demand.every_row or state[SETTLED] > now:
        _write_row(state, demand, out, IDLE, now, until_ns, 0)
    else:
        out.idle_ns[state[SET_POINT]] += until_ns - now
    state[NOW] = until_ns


def run_layer(state: Array, device: Device, wish: Wish, demand: Any, out: Out) -> None:
    """Run the layer at hand; ``demand`` says ``every_row``, ``horizon_ns`` and ``cap_step``."""
    now, layer, before = state[NOW], state[LAYER], state[LEVEL]
    level, stall, command = start_layer(
        now,
        before,
        state[FROM_UV],
        state[TO_UV],
        state[SETTLED],
        wish.level[layer],
        wish.rail_uv[layer],
        device.stall_ns,
        device.needs_uv,
        device.rail,
    )
    state[LEVEL] = level
    if command != NO_COMMAND:
        _command(state, device, wish, out, command)
    start = now + stall
    end = start + device.duration_ns[layer, level]
    out.transitions[before, level] += 1
    if demand.every_row or state[SETTLED] > now or end > demand.horizon_ns:
        _write_row(state, demand, out, layer, start, end, stall)
    else:
        out.counts[
            layer, level, state[SET_POINT], device.stall_kind[before * len(device.needs_uv) + level]
        ] += 1
    if layer == 0:
        state[ADMITTED] = now
    state[NOW], state[LAYER], state[LAST_BEGIN] = end, layer + 1, now
    state[BUSY] += end - now
    state[RUNS] += 1


def _command(state: Array, device: Device, wish: Wish, out: Out, command_ns: int) -> None:
    """Start the rail's move to what the layer at hand wishes."""
    from_uv, to_uv = state[TO_UV], wish.rail_uv[state[LAYER]]
    begin, stop, settled = move_ns(command_ns, from_uv, to_uv, device.rail)
    move = out.moves[state[N_MOVES]]
    move[0], move[1], move[2], move[3] = command_ns, begin, stop, settled
    move[4], move[5] = from_uv, to_uv
    state[FROM_UV], state[TO_UV], state[SETTLED] = from_uv, to_uv, settled
    state[SET_POINT] = wish.set_point[state[LAYER]]
    state[N_MOVES] += 1
    state[ALL_MOVES] += 1


def _write_row(
    state: Array, demand: Any, out: Out, layer: int, start: int, end: int, stall: int
) -> None:
    row = out.rows[state[N_ROWS]]
    row[0], row[1], row[2], row[3], row[4] = state[REQUEST], layer, start, end, stall
    row[5] = state[LEVEL]
    row[6] = guaranteed_at(start, state[FROM_UV], state[TO_UV], state[SETTLED])
    row[7] = demand.cap_step
    row[8] = state[ALL_MOVES] - 1 if state[SETTLED] > start - stall else STANDS
    state[N_ROWS] += 1


def _finish(state: Array, out: Out) -> None:
    """Book the request whose last layer has run."""
    request = out.requests[state[N_REQUESTS]]
    request[0], request[1], request[2] = state[ARRIVAL], state[ADMITTED], state[NOW]
    state[N_REQUESTS] += 1
    state[REQUEST] += 1
    state[LAYER] = state[ARRIVED] = 0


HELPERS = (rules.ramp_ns, rules.guaranteed_uv, highest_level, move_ns, arrival_ns)
RARE = (_command, _write_row, idle_until, _await_arrival)
INLINED = (guaranteed_at, start_layer, is_full, run_layer, _finish)


def compiled_kernel() -> Any:
    """Return ``run_stretch`` as machine code, compiled on the first call of all."""
    return compiled(run_stretch, HELPERS + RARE, INLINED, allocates=False)
