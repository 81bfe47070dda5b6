"""The machine: where clock, rail and books stand, as one record, and the tables that it runs by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

from dfsrt.base.arrays import Ints
from dfsrt.device.boundary import NO_COMMAND, RailTimes, move_ns, start_layer
from dfsrt.network.layer import PER_TOKEN
from dfsrt.run.alike import count_alike
from dfsrt.run.recorder import IDLE
from dfsrt.run.sleep_state import NOWHERE, UP, Idle, phase_code
from dfsrt.run.speeds import Speeds
from dfsrt.run.stream import NEVER_NS

NO_ROWS, FEW_ROWS, EVERY_ROW = 0, 1, 2
"""Which layer runs become rows: none, those that cannot be counted, all."""


DONE, UNTIL, HORIZON, FULL, PLAN, REQUEST, LAP, LIMITS, END, SLEEP = range(10)
"""Values of ``Stop``, for compiled code."""
GO_ON = -1
"""In place of a ``Stop``: nothing stops here."""


class Stop(IntEnum):
    """Why ``advance`` came back."""

    DONE = DONE  # nothing is left to come, or as many have finished as were asked for
    UNTIL = UNTIL  # the time asked for is here
    HORIZON = HORIZON  # the next boundary is at or after the next control event
    FULL = FULL  # a buffer is full, or the runs allowed in one call are used up
    PLAN = PLAN  # a layer could start, but the plan is stale
    REQUEST = REQUEST  # a request has finished, and somebody learns from each
    LAP = LAP  # another copy of the stream has begun, and somebody looks at each
    LIMITS = LIMITS  # the world's limits have changed
    END = END  # the world has ended
    SLEEP = SLEEP  # an idle governor outside the loop is to choose a state


@dataclass(slots=True)
class Machine:
    """Clock, rail, and what has been done so far.

    The rail's last move goes ``from_uv`` ``to_uv``, set point number ``set_point``, and has
    settled at ``settled_ns``. ``layer`` is the next layer of ``request``, its stream's number;
    ``slot`` is whose layer has ended and is not told to the queue yet, else -1.
    ``busy_ns`` is time in layers, stalls included; ``last_begin_ns`` is when the last thing done
    began, if that was a layer, else -1. ``plan`` is where the present plan begins among the wishes,
    ``rule`` what picks it in the loop, see ``replan``; 0 where nothing does; ``review_ns`` is when
    it does so even if nothing has happened. ``n_rows``, ``n_moves`` and ``n_alike`` are used places
    in the buffers.

    ``memory`` is the memory point, ``memory_to`` the one asked for last, which takes effect at
    ``memory_ns``; never where it has. ``memory_changes`` have taken effect, ``memory_unseen`` of
    them while nothing ran; layers have moved ``moved_bytes`` to and from DRAM.

    ``phase`` is that of idle state number ``state``, entered from ``before``; ``turn_ns`` is when
    it ends, or when ``next_state`` is entered, ``wake_ns`` when the state is left unasked. The
    present stretch of idle time began at ``idle_since_ns``, else -1, when the next known event was
    ``timer_ns`` away; ``deepest`` has been entered in it, last at ``entered_ns``; a request waits
    since ``wanted_ns``, else -1; ``spent_j`` went by. A schedule of states says something else at
    ``order_ns``. ``asks`` while a state is to be chosen
    outside of the loop.

    ``units`` is how many blocks of caches a pass of a language model reads for single tokens,
    ``shared`` how many for prompts; ``times`` is how often the layer that ran last did what it is a
    unit of.
    """

    now_ns: int = 0
    level: int = 0
    from_uv: int = 0
    to_uv: int = 0
    settled_ns: int = 0
    set_point: int = 0
    request: int = IDLE
    layer: int = 0
    slot: int = -1
    busy_ns: int = 0
    last_begin_ns: int = -1
    plan: int = 0
    rule: int = 0
    review_ns: int = NEVER_NS
    runs: int = 0
    moves: int = 0
    n_rows: int = 0
    n_moves: int = 0
    n_alike: int = 0
    memory: int = 0
    memory_to: int = 0
    memory_ns: int = NEVER_NS
    memory_changes: int = 0
    memory_unseen: int = 0
    moved_bytes: int = 0
    phase: int = UP
    state: int = NOWHERE
    before: int = NOWHERE
    next_state: int = NOWHERE
    deepest: int = NOWHERE
    turn_ns: int = NEVER_NS
    wake_ns: int = NEVER_NS
    idle_since_ns: int = -1
    timer_ns: int = NEVER_NS
    entered_ns: int = -1
    wanted_ns: int = -1
    spent_j: float = 0.0
    order_ns: int = NEVER_NS
    asks: bool = False
    units: int = 0
    shared: int = 0
    times: int = 1


@dataclass(slots=True)
class Asked:
    """How far to go, and how to write it down.

    ``horizon_ns`` is the next control event, ``runs`` the layer runs of one call at most. ``rows``
    is one of the kinds of rows above; from request number ``rows_from`` on every run is a row.
    ``lap_at`` is where the next lap begins that somebody looks at: copies of the stream that have
    come, in a closed loop requests that have left. ``plans_at`` adds up the news at which the
    governor is asked again. Idle time is cut at ``idle_ns``; a rule goes by the times at point
    ``memory``.
    """

    horizon_ns: int = 0
    until_ns: int = 0
    runs: int = 0
    cap_step: int = 0
    rows: int = EVERY_ROW
    rows_from: int = 0
    stale: bool = False
    each_request: bool = False
    lap_at: int = NEVER_NS
    plans_at: int = 0
    idle_ns: int = NEVER_NS
    memory: int = 0


class Device(NamedTuple):
    """The device's tables, all flat: a list and an array are indexed alike.

    ``duration_ns`` is ``(n_layers * n_levels,)``, ``stall_ns`` and ``stall_kind``, which numbers
    the distinct stalls, ``(n_levels * n_levels,)``, ``needs_uv`` ``(n_levels,)``; the last two are
    how many set points and distinct stalls there are; ``idle`` is what it may do at rest.
    ``grows`` ``(n_layers,)`` is 0 but for a layer that stands for one block of a cache.
    ``dram_bytes`` is ``(n_layers,)``, ``cores`` how many clocks the core has at each memory point,
    ``memory_delay_ns`` how long the memory takes until a change of its clock takes effect.
    """

    duration_ns: Ints
    grows: Ints
    stall_ns: Ints
    stall_kind: Ints
    needs_uv: Ints
    rail: RailTimes
    set_points: int
    stall_kinds: int
    idle: Idle
    dram_bytes: Ints
    cores: int
    memory_delay_ns: int


class Wish(NamedTuple):
    """Clamped plans one after another, each array ``(n_plans * n_memory * n_layers,)``.

    A plan has wishes for each point that the memory may be at; ``memory`` is the one to ask for, as
    -1 less it where a change that is due has to wait for the layer that it was planned for.
    ``set_point`` is the index of ``rail_uv``; ``speeds`` is what a rule picks plans by.
    """

    level: Ints
    rail_uv: Ints
    set_point: Ints
    memory: Ints
    speeds: Speeds


class Out(NamedTuple):
    """Where rows go: ``rows`` ``(capacity, 10)`` as in the recorder, ``moves`` ``(capacity, 6)``.

    ``alike`` ``(a power of two, 8)`` counts runs on a moving rail. ``counts`` is
    ``(n_layers, n_levels, n_set_points, n_stalls)`` flat, ``idle_ns``
    ``(n_codes, n_levels, n_set_points)`` flat, by phase, ``transitions``
    ``(n_levels * n_levels,)``. ``sleeps`` ``(3 * n_states + 3,)`` is by state how often it was
    entered, woken too early, and how long requests waited for it; then the picojoules of all
    stretches, those of the oracle, and how many stretches there were.
    """

    rows: Ints
    moves: Ints
    alike: Sequence[Ints]
    counts: Ints
    idle_ns: Ints
    transitions: Ints
    sleeps: Ints


def is_full(m: Machine, out: Out) -> bool:
    """Whether a buffer has no place left."""
    return (
        m.n_rows == len(out.rows)
        or m.n_moves == len(out.moves)
        or m.n_alike * 4 >= len(out.alike) * 3
    )


def stand_until(m: Machine, device: Device, asked: Asked, out: Out, until_ns: int) -> None:
    """Let time pass with the clock stopped, in the present phase."""
    now, code = m.now_ns, phase_code(m.phase, m.before, m.state, device.idle.states)
    m.last_begin_ns = -1
    if until_ns <= now:
        return
    if asked.rows == EVERY_ROW:
        m.request = IDLE
        write_row(m, asked, out, IDLE - code, now, until_ns, 0)
    elif asked.rows == FEW_ROWS and m.settled_ns > now:
        count_moving(m, out, IDLE, now, until_ns, 0)
    else:
        at = code * len(device.needs_uv) + m.level
        out.idle_ns[at * device.set_points + m.set_point] += until_ns - now
    m.now_ns = until_ns


def run_layer(m: Machine, device: Device, wish: Wish, asked: Asked, out: Out) -> int:
    """Run the layer at hand as a layer boundary allows; return its stall."""
    now, layer, before, levels = m.now_ns, m.layer, m.level, len(device.needs_uv)
    grows = device.grows[layer]
    m.times = 1 if grows == 0 else (m.units if grows == PER_TOKEN else m.shared)
    if m.times == 0:  # nothing is cached yet
        m.layer, m.last_begin_ns = layer + 1, now
        m.runs += 1
        return 0
    wished = wish_at(m, device, wish)
    level, stall, command = start_layer(
        now,
        before,
        m.from_uv,
        m.to_uv,
        m.settled_ns,
        wish.level[wished],
        wish.rail_uv[wished],
        device.stall_ns,
        device.needs_uv,
        device.rail,
    )
    m.level = level
    if command != NO_COMMAND:
        move_rail(m, device, asked, out, command, wish.rail_uv[wished], wish.set_point[wished])
    start = now + stall
    end = start + m.times * device.duration_ns[layer * levels + level]
    out.transitions[before * levels + level] += 1
    if asked.rows != NO_ROWS and (
        asked.rows == EVERY_ROW or end > asked.horizon_ns or m.request >= asked.rows_from
    ):
        write_row(m, asked, out, layer, start, end, stall)
    elif asked.rows == FEW_ROWS and m.settled_ns > now:
        count_moving(m, out, layer, start, end, stall)
    else:
        count_run(m, device, out, before)
    m.now_ns, m.layer, m.last_begin_ns = end, layer + 1, now
    m.busy_ns += end - now
    m.moved_bytes += m.times * device.dram_bytes[layer]
    m.runs += 1
    return stall


def count_run(m: Machine, device: Device, out: Out, before: int) -> None:
    """Count a layer run by what it has in common with others."""
    levels = len(device.needs_uv)
    place = (m.layer * levels + m.level) * device.set_points + m.set_point
    kind = device.stall_kind[before * levels + m.level]
    out.counts[place * device.stall_kinds + kind] += 1
    if m.times > 1:  # a cache is read without a pause: only the first block waits for the clock
        out.counts[place * device.stall_kinds] += m.times - 1


def count_moving(m: Machine, out: Out, layer: int, start: int, end: int, stall: int) -> None:
    """Count a layer run, or idle time, on a moving rail."""
    left, span = m.settled_ns - start, end - start
    m.n_alike += count_alike(out.alike, 1, layer, m.level, stall, span, m.from_uv, m.to_uv, left)


def move_rail(
    m: Machine, device: Device, asked: Asked, out: Out, command_ns: int, to_uv: int, point: int
) -> None:
    """Start the rail's move to a set point."""
    from_uv = m.to_uv
    begin, stop, settled = move_ns(command_ns, from_uv, to_uv, device.rail)
    if asked.rows == EVERY_ROW:
        move = out.moves[m.n_moves]
        move[0], move[1], move[2], move[3] = command_ns, begin, stop, settled
        move[4], move[5] = from_uv, to_uv
        m.n_moves += 1
    m.from_uv, m.to_uv, m.settled_ns = from_uv, to_uv, settled
    m.set_point = point
    m.moves += 1


def write_row(
    m: Machine, asked: Asked, out: Out, layer: int, start: int, end: int, stall: int
) -> None:
    """Write a layer run, or idle time, as a row of its own."""
    row = out.rows[m.n_rows]
    row[0], row[1], row[2], row[3], row[4] = m.request, layer, start, end, stall
    row[5], row[6] = m.level, asked.cap_step
    row[7], row[8], row[9] = m.from_uv, m.to_uv, m.settled_ns
    m.n_rows += 1


# The memory's clock: a change takes effect at the first layer boundary from its time on, whose
# layer waits out the stall, or exactly then while nothing runs and nobody sees it. One is under way
# at a time; what is wished meanwhile is asked for at the first boundary after it. One that a plan
# asked for ahead comes with the layer that it was planned for, and not before.


def wish_at(m: Machine, device: Device, wish: Wish) -> int:
    """Return where the wish for the layer at hand stands, at the point that the memory has then."""
    layers = len(device.dram_bytes)
    if m.memory_ns <= m.now_ns and wish.memory[m.plan + m.memory * layers + m.layer] >= 0:
        take_effect(m)
    point = wish.memory[m.plan + m.memory * layers + m.layer]
    if point < 0:
        point = -1 - point
    if point != m.memory_to and m.memory_ns == NEVER_NS:
        ask_memory(m, device, point, m.now_ns)
        if m.memory_ns <= m.now_ns:
            take_effect(m)
    return m.plan + m.memory * layers + m.layer


def ask_memory(m: Machine, device: Device, point: int, now_ns: int) -> None:
    """Ask for a memory point, at a time at which no change is under way."""
    m.memory_to, m.memory_ns = point, now_ns + device.memory_delay_ns


def take_effect(m: Machine) -> None:
    """Let the change that was asked for take effect; the level is still that of the old point."""
    m.memory, m.memory_ns = m.memory_to, NEVER_NS
    m.memory_changes += 1


def change_unseen(m: Machine, device: Device) -> None:
    """Let a change take effect that is due while nothing runs."""
    if m.memory_ns <= m.now_ns:
        take_effect(m)
    before = m.level // device.cores
    if before != m.memory:
        m.level += (m.memory - before) * device.cores
        m.memory_unseen += 1
