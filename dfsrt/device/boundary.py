"""What a layer boundary allows: the clock a layer gets and the voltage command that is taken.

Rules 1 to 3 in one scalar function. Every engine calls it, as plain Python or compiled, so its
tables may be lists or arrays and its values are plain integers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from dfsrt.base.arrays import Ints
from dfsrt.device import rules
from dfsrt.device.rail import Rail

NO_COMMAND = -1


class RailTimes(NamedTuple):
    """A rail's command latency, slew and settling time as plain numbers."""

    command_ns: int
    slew_uv_per_us: float
    settle_ns: int


def rail_times(rail: Rail) -> RailTimes:
    """Return the numbers of ``rail`` that a move depends on."""
    return RailTimes(rail.command_ns, float(rail.slew_uv_per_us), rail.settle_ns)


def move_ns(command_ns: int, from_uv: int, to_uv: int, rail: RailTimes) -> tuple[int, int, int]:
    """Return when a move commanded at ``command_ns`` starts, stops and has settled (rule 3)."""
    start = command_ns + rail.command_ns
    stop = start + int(rules.ramp_ns(from_uv, to_uv, rail.slew_uv_per_us))
    return start, stop, stop + rail.settle_ns


def guaranteed_at(now_ns: int, from_uv: int, to_uv: int, settled: int) -> int:
    """Return the voltage that a rail keeps from now until its move has settled (rule 1)."""
    if now_ns >= settled:
        return to_uv
    return rules.guaranteed_uv(from_uv, to_uv)


def highest_level(needs_uv: Sequence[int] | Ints, uv: int, level: int) -> int:
    """Return the fastest level, up to ``level``, that ``uv`` can run, the memory as it is there.

    ``needs_uv``, ``(n_levels,)``, ascends at each memory point, the first of which always fits.
    """
    while level > 0 and needs_uv[level] > uv:
        level -= 1
    return level


def start_layer(
    now_ns: int,
    level: int,
    from_uv: int,
    to_uv: int,
    settled: int,
    wish_level: int,
    wish_uv: int,
    stall_ns: Sequence[int] | Ints,
    needs_uv: Sequence[int] | Ints,
    rail: RailTimes,
) -> tuple[int, int, int]:
    """Return the level a layer gets, its stall in ns, and when a voltage command is given.

    ``stall_ns`` is the table of stalls row by row, from level times to level, in one dimension,
    ``(n_levels * n_levels,)``: a list and an array are indexed alike, and compiled code makes no
    views. ``needs_uv`` is ``(n_levels,)``. ``from_uv``, ``to_uv`` and ``settled`` are the rail's
    last move. A rail takes a command only once that has settled; ``NO_COMMAND`` where it takes
    none now. Going up it is given before the stall, and a clock that the rail does not hold in
    time waits; going down it is given after the stall, once the clock has dropped.
    """
    command, levels = NO_COMMAND, len(needs_uv)
    taken = wish_uv != to_uv and now_ns >= settled
    falls = taken and wish_uv < to_uv
    if taken and not falls:
        command = now_ns
        settled = move_ns(now_ns, to_uv, wish_uv, rail)[2]
        from_uv, to_uv = to_uv, wish_uv
    stall = stall_ns[level * levels + wish_level]
    held_uv = wish_uv if falls else guaranteed_at(now_ns + stall, from_uv, to_uv, settled)
    if held_uv < needs_uv[wish_level]:
        # The rail does not settle within the stall: a clock that it holds already.
        held_uv = guaranteed_at(now_ns, from_uv, to_uv, settled)
        wish_level = highest_level(needs_uv, held_uv, wish_level)
        stall = stall_ns[level * levels + wish_level]
    if falls:
        command = now_ns + stall
    return wish_level, stall, command
