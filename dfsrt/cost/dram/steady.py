"""A steady stream: equal runs without end, at full offer or less."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from dfsrt.base.errors import InputError
from dfsrt.cost.dram.cost import background_w, channels_in_use
from dfsrt.cost.dram.energy import CommandEnergy, command_energy
from dfsrt.cost.dram.pace import run_clocks
from dfsrt.cost.dram.walk import Walk, walk_of
from dfsrt.device.dram import Dram

MOST_RUN_BYTES = 2**40


class Visit(StrEnum):
    """Where the next run begins."""

    NEXT_BANK = "next-bank"
    SAME_BANK = "same-bank"


@dataclass(frozen=True, slots=True)
class Steady:
    """What a steady stream of runs gets and takes, in all channels.

    ``bandwidth_bytes_per_s`` and ``energy_per_byte_j`` are of bytes of use; ``busy_share`` of the
    time something crosses or is on its way. ``background_w`` is the mean standby, with refresh.
    """

    bandwidth_bytes_per_s: float
    energy_per_byte_j: float
    activates_per_burst: float
    row_hit_rate: float
    peak_bytes_per_s: float
    most_bytes_per_s: float
    busy_share: float
    bursts_per_run: float
    overfetch: float
    access_energy_per_byte_j: float
    background_w: float


def steady_stream(
    dram: Dram, run_bytes: int, visit: Visit, offered: float = 1.0, reads: float = 1.0
) -> Steady:
    """Return what runs of ``run_bytes`` get of ``dram``, each from a burst's beginning on.

    ``offered`` is the load, as a share of the peak; ``reads`` the share of runs that read.

    Raises:
        InputError: a run of no bytes, or a share that is none.
    """
    _check(run_bytes, offered, reads)
    burst_bytes = dram.organisation.burst_bytes
    bursts = -(-run_bytes // burst_bytes)
    useful = run_bytes / (bursts * burst_bytes)
    walk = walk_of(dram, bursts)
    most = channels_in_use(dram) * walk.bursts * burst_bytes / _run_s(dram, walk, visit, reads)
    crossing = min(most, offered * dram.peak_bytes_per_s)
    energy, busy = command_energy(dram), crossing / most
    standing_w = _standing_w(dram, energy, busy)
    access_j = _access_j(walk, energy, reads) / (walk.bursts * burst_bytes * useful)
    return Steady(
        bandwidth_bytes_per_s=crossing * useful,
        energy_per_byte_j=access_j + standing_w / (crossing * useful),
        activates_per_burst=walk.visits / walk.bursts,
        row_hit_rate=1 - walk.visits / walk.bursts,
        peak_bytes_per_s=dram.peak_bytes_per_s,
        most_bytes_per_s=most * useful,
        busy_share=busy,
        bursts_per_run=bursts,
        overfetch=1 / useful,
        access_energy_per_byte_j=access_j,
        background_w=standing_w,
    )


def _run_s(dram: Dram, walk: Walk, visit: Visit, reads: float) -> float:
    same = 1.0 if visit is Visit.SAME_BANK else 0.0
    return run_clocks(dram, walk, same, reads) * dram.timing.tck_ns * 1e-9


def _access_j(walk: Walk, energy: CommandEnergy, reads: float) -> float:
    burst_j = reads * energy.read_j + (1 - reads) * energy.write_j
    return walk.visits * energy.activate_j + walk.bursts * burst_j


def _standing_w(dram: Dram, energy: CommandEnergy, busy: float) -> float:
    """Mean standby and refresh: rows stay open between runs, or it is powered down there."""
    if not dram.powers_down:
        return background_w(dram, energy)
    down_w = dram.channels * (energy.down_w + energy.refresh_w)
    return busy * background_w(dram, energy) + (1 - busy) * down_w


def _check(run_bytes: int, offered: float, reads: float) -> None:
    if not 1 <= run_bytes <= MOST_RUN_BYTES:
        raise InputError(f"run of {run_bytes} bytes is out of range; give 1 to 2^40 bytes")
    if not 0 < offered <= 1:
        raise InputError(f"offered {offered:g} is out of range; give above 0 to 1, of the peak")
    if not 0 <= reads <= 1:
        raise InputError(f"reads {reads:g} is out of range; give 0 (all writes) to 1 (all reads)")
