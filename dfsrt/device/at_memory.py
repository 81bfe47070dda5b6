"""A device whose memory stays at one of its points: what that point gives, and no other."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dfsrt.device.npu import Cores, Npu

if TYPE_CHECKING:  # few devices name a part
    from dfsrt.device.dram import Dram


def at_memory_point(npu: Npu, number: int) -> Npu:
    """Return ``npu`` with its memory at point ``number``, and at no other; -1 is the highest.

    Its own numbers hold at the highest, and lower points go with them. A named part of DRAM runs
    slower in the ratio of bandwidths: a point's label may lie above its clock. A device that says
    no points is returned as it is.
    """
    if not npu.memory.points:
        return npu
    point, top = npu.memory.points[number], npu.memory.points[-1]
    if point is top:
        return replace(npu, memory=replace(npu.memory, points=(point,)))
    shared = _with(npu.memory.bandwidth_bytes_per_s, point, top, "bandwidth_bytes_per_s")
    pj_per_bit = _with(npu.silicon.dram_pj_per_bit, point, top, "dram_pj_per_bit")
    return replace(
        npu,
        memory=replace(npu.memory, bandwidth_bytes_per_s=shared, points=(point,)),
        cores=None if npu.cores is None else _cores(npu.cores, npu, number),
        dram=None if npu.dram is None else _slowed(npu.dram, shared, npu),
        silicon=replace(npu.silicon, dram_pj_per_bit=pj_per_bit),
    )


def _with(own: float, point: object, top: object, name: str) -> float:
    """A point's number, in the ratio in which the device's own differs from the highest one's."""
    here, there = float(getattr(point, name)), float(getattr(top, name))
    return here if own == there or not there else here * (own / there)


def _cores(cores: Cores, npu: Npu, number: int) -> Cores:
    point, top = npu.memory.points[number], npu.memory.points[-1]
    of_one = _with(cores.bandwidth_bytes_per_s, point, top, "core_bandwidth_bytes_per_s")
    return replace(cores, bandwidth_bytes_per_s=of_one)


def _slowed(dram: Dram, shared: float, npu: Npu) -> Dram:
    from dfsrt.device.dram.slower import slower

    return slower(dram, shared / npu.memory.bandwidth_bytes_per_s)
