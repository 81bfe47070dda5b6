"""What fetching ahead would save: a network's time with and without, and the least there is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dfsrt.base.arrays import Floats
from dfsrt.base.units import format_si
from dfsrt.cost import LayerCost, cost_network
from dfsrt.cost.overlap import PREFETCHES, flow_shop_ns, least_ns
from dfsrt.device import Npu
from dfsrt.device.rules import compute_ns, memory_ns
from dfsrt.network import Network
from dfsrt.network.layer import Kind
from dfsrt.power.workload import workload
from dfsrt.report.memory.parts import MemoryOverlap, MemoryPrefetch


def memory_overlap(network: Network, npu: Npu) -> MemoryOverlap | None:
    """Return what fetching ahead saves at the highest clock; None where memory has no limit."""
    costs = _running(network, npu)
    if not np.isfinite(npu.memory.bandwidth_bytes_per_s) or not costs:
        return None
    freq_hz = npu.opps.freqs_hz[-1]
    compute, fetch = _times_ns(costs, npu, freq_hz)
    return MemoryOverlap(
        prefetch=npu.memory.prefetch,
        freq_hz=freq_hz,
        choices=[_choice(network, npu, name) for name in PREFETCHES],
        flow_shop_s=flow_shop_ns(fetch, compute) * 1e-9,
        least_s=least_ns(fetch, compute) * 1e-9,
    )


def _running(network: Network, npu: Npu) -> list[LayerCost]:
    return [c for c in cost_network(network, npu) if c.layer.kind is not Kind.VIEW]


def _choice(network: Network, npu: Npu, prefetch: str) -> MemoryPrefetch:
    other = replace(npu, memory=replace(npu.memory, prefetch=prefetch))
    costs = _running(network, other)
    return MemoryPrefetch(
        prefetch=prefetch,
        may_come_bytes=sum(c.traffic.ahead_bytes for c in costs),
        time_s=float(workload(costs, other).duration_ns[:, -1].sum()) * 1e-9,
    )


def _times_ns(costs: list[LayerCost], npu: Npu, freq_hz: int) -> tuple[Floats, Floats]:
    """Work, launches included, and bytes of each layer by themselves, ``(n_layers,)``."""
    work = [
        compute_ns(float(c.compute_cycles + c.overhead_cycles), float(freq_hz)) + c.launch_ns
        for c in costs
    ]
    pace = [npu.bandwidth_bytes_per_s(c.cores) / c.slowdown for c in costs]
    fetch = [memory_ns(float(c.dram_bytes), b) for c, b in zip(costs, pace, strict=True)]
    return np.array(work), np.array(fetch)


def overlap_text(overlap: MemoryOverlap) -> str:
    """Return in words what fetching ahead would save."""
    each = ", ".join(f"{c.prefetch} {format_si(c.time_s, 's')}" for c in overlap.choices)
    return (
        f"fetched for the next layer while one runs, at {format_si(overlap.freq_hz, 'Hz')}: {each} "
        f"(here {overlap.prefetch}); whole layers in a flow shop with room for all "
        f"{format_si(overlap.flow_shop_s, 's')}, no less than {format_si(overlap.least_s, 's')}"
    )
