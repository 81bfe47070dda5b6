"""Energies of a DRAM's commands, and what it draws standing by."""

from __future__ import annotations

import math
from dataclasses import dataclass

from dfsrt.device.dram import Dram, Supply


@dataclass(frozen=True, slots=True)
class CommandEnergy:
    """Joules of a command to one rank, and watts of all ranks of one channel.

    An activate counts with the precharge that ends it. ``open_w`` is with a row open, ``closed_w``
    with none, ``down_w`` powered down; ``refresh_w`` comes on top of each.
    """

    activate_j: float
    read_j: float
    write_j: float
    open_w: float
    closed_w: float
    down_w: float
    refresh_w: float


def command_energy(dram: Dram) -> CommandEnergy:
    """Return the energies of a part, from its currents or as they are assumed.

    Source: Micron's power notes (TN-41-01, TN-46-03): energies over standby.
    Limits: a part differs from its datasheet and depends on data; a model fitted to 50 modules
    came to 6.8 % (Ghose et al., SIGMETRICS 2018). Termination is not in DDR3's and DDR4's currents.
    """
    ranks, bits = dram.organisation.ranks, 8 * dram.organisation.burst_bytes
    if dram.energies is not None:
        e = dram.energies
        return CommandEnergy(
            activate_j=e.activate_pj * 1e-12,
            read_j=e.read_pj_per_bit * bits * 1e-12,
            write_j=e.write_pj_per_bit * bits * 1e-12,
            open_w=e.standby_open_w * ranks,
            closed_w=e.standby_closed_w * ranks,
            down_w=e.power_down_w * ranks,
            refresh_w=e.refresh_w * ranks,
        )
    one, devices = [_of_supply(dram, supply) for supply in dram.supplies], dram.organisation.devices
    sums = [math.fsum(values) * devices for values in zip(*one, strict=True)]
    return CommandEnergy(*sums[:3], *(watts * ranks for watts in sums[3:]))


def _of_supply(dram: Dram, s: Supply) -> tuple[float, ...]:
    """What one supply of a device gives to each field of ``CommandEnergy``, of one rank."""
    t, volts = dram.timing, s.voltage_uv * 1e-6
    clock_j, ma_w = volts * 1e-3 * t.tck_ns * 1e-9, volts * 1e-3
    cycle = s.idd0_ma * (t.tras + t.trp) - s.idd3n_ma * t.tras - s.idd2n_ma * t.trp
    return (
        clock_j * cycle,
        clock_j * t.tccd_s * (s.idd4r_ma - s.idd3n_ma),
        clock_j * t.tccd_s * (s.idd4w_ma - s.idd3n_ma),
        ma_w * s.idd3n_ma,
        ma_w * s.idd2n_ma,
        ma_w * s.idd2p_ma,
        ma_w * (s.idd5_ma - s.idd3n_ma) * t.trfc / t.trefi,
    )
