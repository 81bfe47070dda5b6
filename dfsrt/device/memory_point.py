"""The memory's own operating points: clocks of DRAM and its controller, and what a change costs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MemoryPoint:
    """A clock of the memory, what it gives there, and what it draws.

    ``freq_hz`` is the label that a driver knows it by; the real clock may lie below it.
    ``bandwidth_bytes_per_s`` is what all cores take together, ``core_bandwidth_bytes_per_s`` what
    one core can take of it. ``controller_uv`` and ``phy_uv`` are the supplies. ``standby_w`` flows
    while the point is set whether or not bytes cross; ``dram_pj_per_bit`` is what a bit takes on
    top of it.
    """

    freq_hz: int
    bandwidth_bytes_per_s: float
    core_bandwidth_bytes_per_s: float
    controller_uv: int
    phy_uv: int
    standby_w: float
    dram_pj_per_bit: float


@dataclass(frozen=True, slots=True)
class MemoryChange:
    """What a change of the memory's clock costs, as two numbers.

    All traffic stops for ``stall_ns``, once ``delay_ns`` have passed since the change was asked
    for; until then all runs on at the old point.
    """

    stall_ns: int
    delay_ns: int
