"""A device whose memory stays at one of its points: what that point gives, and no other."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dfsrt.device.npu import Npu

if TYPE_CHECKING:  # few devices name a part
    from dfsrt.device.dram import Dram


def at_memory_point(npu: Npu, number: int) -> Npu:
    """Return ``npu`` with its memory at point ``number``, and at no other.

    A named part of DRAM runs slower in the ratio of the points' bandwidths: their labels may lie
    above the clocks. Where a device says no points it is returned as it is.
    """
    if not npu.memory.points:
        return npu
    point, top = npu.memory.points[number], npu.memory.points[-1]
    cores = npu.cores
    if cores is not None:
        cores = replace(cores, bandwidth_bytes_per_s=point.core_bandwidth_bytes_per_s)
    ratio = point.bandwidth_bytes_per_s / top.bandwidth_bytes_per_s
    return replace(
        npu,
        memory=replace(
            npu.memory, bandwidth_bytes_per_s=point.bandwidth_bytes_per_s, points=(point,)
        ),
        cores=cores,
        dram=None if npu.dram is None else _slowed(npu.dram, ratio),
        silicon=replace(npu.silicon, dram_pj_per_bit=point.dram_pj_per_bit),
    )


def _slowed(dram: Dram, ratio: float) -> Dram:
    if ratio == 1:
        return dram
    from dfsrt.device.dram.slower import slower

    return slower(dram, ratio)
