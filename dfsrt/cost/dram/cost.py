"""The cost of streams on a DRAM: time, energy, activates and bursts, in closed form."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from dfsrt.cost.dram.energy import CommandEnergy, command_energy
from dfsrt.cost.dram.pace import run_clocks, turn_clocks, turns
from dfsrt.cost.dram.stream import DramCost, Stream
from dfsrt.cost.dram.walk import Walk, last_row, walk_of
from dfsrt.device.dram import Dram


@dataclass(frozen=True, slots=True)
class _Part:
    """What one stream takes; ``turns`` is how often the bus turns for it if it is the rarer."""

    clocks: float
    activates: float
    bursts: float
    turns: float
    is_write: bool


def dram_cost(streams: Sequence[Stream], dram: Dram) -> DramCost:
    """Return what ``dram`` takes for ``streams``, which cross in turns.

    Runs begin anywhere: on average they touch as many bursts as runs do that follow each other
    at their own length. Runs of one stream go on in the next bank, unless the map keeps them in
    one.

    Limits: what two streams' rows do to each other in one bank is left out.
    """
    parts = [_part(stream, dram) for stream in streams if stream.bytes]
    energy = command_energy(dram)
    turned = min(_sum(parts, "turns", False), _sum(parts, "turns", True))
    lost = turned * turn_clocks(dram.timing) / (1 - dram.timing.refreshing) / channels_in_use(dram)
    clocks = math.fsum(part.clocks for part in parts) + lost
    reads, writes = _sum(parts, "bursts", False), _sum(parts, "bursts", True)
    activates, bursts = math.fsum(part.activates for part in parts), reads + writes
    access = (activates * energy.activate_j, reads * energy.read_j, writes * energy.write_j)
    return DramCost(
        seconds=clocks * dram.timing.tck_ns * 1e-9,
        access_j=math.fsum(access),
        background_w=background_w(dram, energy),
        idle_w=idle_w(dram, energy),
        activates=math.ceil(activates),
        bursts=math.ceil(bursts),
        row_hit_rate=1 - activates / bursts if bursts else 0.0,
        crossed_bytes=math.ceil(bursts) * dram.organisation.burst_bytes,
    )


def background_w(dram: Dram, energy: CommandEnergy) -> float:
    """Return what all channels draw while they work, bursts and activates aside."""
    return dram.channels * (energy.open_w + energy.refresh_w)


def idle_w(dram: Dram, energy: CommandEnergy) -> float:
    """Return what all channels draw when nothing crosses."""
    standing = energy.down_w if dram.powers_down else energy.closed_w
    return dram.channels * (standing + energy.refresh_w)


def channels_in_use(dram: Dram) -> int:
    """Return the channels that work at a time: one where their bits stand above the rows' own."""
    every = dram.map.bits(dram.organisation, dram.channels)
    return 1 << sum(bit == "channel" for bit in every[: last_row(every)])


def mean_bursts(run_bytes: int, burst_bytes: int) -> float:
    """Return the bursts that a run touches, the mean over where it begins.

    Runs of one length that fill the memory begin at multiples of what the length and a burst have
    in common. Bursts are indivisible.
    """
    return (run_bytes + burst_bytes - math.gcd(run_bytes, burst_bytes)) / burst_bytes


def _part(stream: Stream, dram: Dram) -> _Part:
    organisation, runs = dram.organisation, stream.bytes / min(stream.run_bytes, stream.bytes)
    one = mean_bursts(min(stream.run_bytes, stream.bytes), organisation.burst_bytes)
    in_row = organisation.row_bytes // stream.pitch_bytes if stream.pitch_bytes else 1
    together = min(max(in_row, 1), runs)  # runs that share a row
    walk = _together(walk_of(dram, one), dram, one, together)
    clocks = run_clocks(dram, walk, walk.again, 0.0 if stream.is_write else 1.0)
    visits = runs / together * walk.channels
    return _Part(
        clocks=max(visits / channels_in_use(dram), 1.0) * clocks,
        activates=visits * walk.visits,
        bursts=runs * one,
        turns=turns(runs * one / walk.channels, walk.bursts),
        is_write=stream.is_write,
    )


def _together(walk: Walk, dram: Dram, bursts: float, runs: float) -> Walk:
    """How so many runs of one row fall, which may fetch a burst more than once."""
    if runs == 1:
        return walk
    row = walk_of(dram, min(bursts * runs, dram.organisation.row_bursts))
    return replace(row, bursts=bursts * runs / row.channels)


def _sum(parts: Sequence[_Part], what: str, is_write: bool) -> float:
    return math.fsum(getattr(part, what) for part in parts if part.is_write == is_write)
