"""A DRAM below its clock: times of its cells stay, those of its bus stretch."""

from __future__ import annotations

from dataclasses import fields, replace

from dfsrt.device.dram.dram import Dram
from dfsrt.device.dram.supply import Supply
from dfsrt.device.dram.timing import Timing

_OF_THE_BUS = ("tck_ns", "tccd_s", "tccd_l")
"""All other times are those of cells and their amplifiers, in nanoseconds whatever the clock."""


def slower(dram: Dram, ratio: float) -> Dram:
    """Return ``dram`` at ``ratio`` of its clock, above 0 to 1.

    A burst takes as many clocks as before, and its joules: what it draws on top of standing by
    falls with the clock. Standby and refresh draw what they did.

    Source: assumed. Standby falls with the clock, too, by up to the same ratio.
    Limits: times are not rounded up to whole clocks; a standard's least clocks are left out.
    """
    return replace(
        dram,
        timing=_stretched(dram.timing, ratio),
        supplies=tuple(_calmer(supply, ratio) for supply in dram.supplies),
    )


def _stretched(timing: Timing, ratio: float) -> Timing:
    clocks = {f.name: getattr(timing, f.name) * ratio for f in fields(timing)}
    # Rounding may not part what was equal.
    clocks["trc"] = max(clocks["trc"], clocks["tras"] + clocks["trp"])
    kept = {name: getattr(timing, name) for name in _OF_THE_BUS}
    return Timing(**{**clocks, **kept, "tck_ns": timing.tck_ns / ratio})


def _calmer(supply: Supply, ratio: float) -> Supply:
    open_ma = supply.idd3n_ma
    return replace(
        supply,
        idd4r_ma=open_ma + (supply.idd4r_ma - open_ma) * ratio,
        idd4w_ma=open_ma + (supply.idd4w_ma - open_ma) * ratio,
    )
