"""A small device whose memory has clocks of its own, and plug-ins for it, worked out by hand."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from dfsrt.device.memory_point import MemoryChange, MemoryPoint
from dfsrt.governor.plan import Plan
from dfsrt.power.components import rates_of
from dfsrt.power.plant import Plant
from dfsrt.power.standby import standby_of
from dfsrt.power.table import LayerTable, stall_table
from dfsrt.power.workload import Workload
from tests.helpers.tiny import tiny_npu

CORES = ((100_000_000, 500_000), (200_000_000, 500_000))
"""Two clocks at one voltage: the rail never moves."""
PACES = (0.5e9, 1e9)
"""Bytes a second at each point of the memory."""


def memory_npu(paces=PACES, stall_ns=300, delay_ns=0, cores=CORES, freq_switch_ns=100, **options):
    """A device with a memory point for each pace: 100 MHz and 10 mW of standby more for each."""
    npu = tiny_npu(cores, freq_switch_ns=freq_switch_ns, **options)
    points = tuple(
        MemoryPoint((k + 1) * 100_000_000, pace, pace, 700_000, 700_000, (k + 1) * 0.01, 1.25)
        for k, pace in enumerate(paces)
    )
    change = MemoryChange(stall_ns, delay_ns)
    memory = replace(npu.memory, bandwidth_bytes_per_s=paces[-1], points=points, change=change)
    return replace(npu, memory=memory)


def memory_table(npu, cycles, dram_bytes, watts=None):
    """Layers given by cycles and bytes: at each level the longer of both; ``watts`` by core clock.

    Nothing is switched, so that leakage, standby and bytes are all that takes energy.
    """
    points, cores = npu.memory.points, npu.opps.points
    duration = [
        [
            round(max(c * 1e9 / core.freq_hz, moved * 1e9 / point.bandwidth_bytes_per_s))
            for point in points
            for core in cores
        ]
        for c, moved in zip(cycles, dram_bytes, strict=True)
    ]
    n, zero = len(cycles), np.zeros(len(cycles))
    levels = np.zeros((n, len(points) * len(cores)))
    load = Workload(
        names=tuple(f"layer{k}" for k in range(n)),
        kinds=("matrix",) * n,
        duration_ns=np.array(duration, dtype=np.int64),
        waits_for_memory=levels > 0,
        dram_bytes=np.array(dram_bytes, dtype=np.int64),
        dram_j_per_byte=levels + 1e-11,
        mac_pj=zero,
        register_pj=zero,
        sram_pj=zero,
        vector_pj=zero,
        macs=np.array(cycles, dtype=np.int64),
        clock_share=levels + 1.0,
    )
    silicon = npu.silicon
    leakage = tuple((t.power_w, t.exponent) for t in silicon.leakage)
    plant = Plant(zero, 0.0, leakage, rates_of(npu), standby_of(npu))
    core_w = np.array(watts if watts is not None else [0.1] * len(cores))
    shape = (n, len(points), len(cores), len(npu.opps.set_points_uv))
    predicted = np.broadcast_to(core_w[None, None, :, None], shape)
    return LayerTable(
        npu, "tiny", "true", (), load, predicted.reshape(n, -1, shape[-1]).copy(),
        stall_table(npu), plant,
    )  # fmt: skip


@dataclass
class ByPoint:
    """A governor that has a list of levels for each memory point, and a wish for the memory."""

    levels: object
    memory: object = None
    sees_cap = False

    def plan(self, view):
        seen = view.memory
        point = len(self.levels) - 1 if seen is None else seen.level
        level = np.array(self.levels[point])
        asks = self.memory is not None and seen is not None
        rail = np.full(len(level), int(view.set_points_uv[0]))
        return Plan(level, rail, np.array(self.memory) if asks else None)


@dataclass
class Counted:
    """A governor of the memory that picks a point from what was moved in the last period."""

    sampling_ns: int
    per_point: int
    start: int = 0

    def choose(self, view):
        if not view.moved_bytes:
            return self.start
        return view.moved_bytes[0] // self.per_point % len(view.freqs_hz)


@dataclass
class Told:
    """A governor of the memory that reads its points off a list, one each period; then the last."""

    sampling_ns: int
    points: object

    def choose(self, view):
        return self.points[min(len(view.moved_bytes), len(self.points) - 1)]


@dataclass
class Mapped:
    """A governor of the memory with a point for each clock of the core."""

    points: object
    follows = True

    def choose(self, view):
        return self.points[view.core_level]
