"""The report of a network's memory in one buffer."""

from __future__ import annotations

import math

from dfsrt.cost.mapper import mapper_label
from dfsrt.cost.schedule import schedule_label
from dfsrt.cost.schedule.bounds import floor_shares
from dfsrt.device import Npu
from dfsrt.device.dram import Dram
from dfsrt.network import Network
from dfsrt.report.computed import computed_precision
from dfsrt.report.memory.layers import memory_layers, over
from dfsrt.report.memory.maps import memory_maps, memory_places
from dfsrt.report.memory.overlap import memory_overlap
from dfsrt.report.memory.parts import MemoryBuffer, MemoryDram, OperandBytes, SplitBytes
from dfsrt.report.memory.planned import Planned, planned
from dfsrt.report.memory.policies import policies
from dfsrt.report.memory.schema import MemoryLayer, MemoryReport, MemoryTotals
from dfsrt.report.notes import converted_notes


def memory_report(network: Network, npu: Npu, every_policy: bool = True) -> MemoryReport:
    """Return the memory of ``network`` on ``npu``, and what each policy would move if asked.

    Raises:
        InputError: a layer in a precision that the device does not have, or a buffer that not even
            the least tile fits.
    """
    done, memory = planned(network, npu), npu.memory
    layers, maps = memory_layers(done), memory_maps(done)
    pace = npu.bandwidth_bytes_per_s(npu.used_cores)
    return MemoryReport(
        network=network.name,
        device=npu.name,
        precision=computed_precision(done.costs),
        mapper=mapper_label(memory.mapper),
        schedule=schedule_label(memory.schedule),
        buffer=buffer_entry(memory.buffer_bytes, memory.split_bytes),
        channel_pad=memory.channel_pad,
        double_buffer=memory.double_buffer,
        line_buffer=memory.line_buffer,
        bandwidth_bytes_per_s=pace if math.isfinite(pace) else None,
        dram=None if npu.dram is None else dram_entry(npu.dram),
        totals=_totals(done, layers),
        layers=layers,
        places=memory_places(maps, done),
        maps=maps,
        policies=policies(network, npu) if every_policy else [],
        overlap=memory_overlap(network, npu) if every_policy else None,
        notes=memory_notes(network),
    )


def _totals(done: Planned, layers: list[MemoryLayer]) -> MemoryTotals:
    moved, bound = sum(a.dram_bytes for a in layers), sum(a.bound_bytes for a in layers)
    joules = math.fsum(a.dram_j for a in layers)
    parts = [cost.dram for cost in done.costs if cost.dram is not None]
    missed = over(sum(d.activates for d in parts), sum(d.bursts for d in parts))
    return MemoryTotals(
        dram_bytes=moved,
        dram_read_bytes=sum(a.dram_read_bytes for a in layers),
        dram_write_bytes=sum(a.dram_write_bytes for a in layers),
        bytes=sum((a.bytes for a in layers), OperandBytes()),
        bound_bytes=bound,
        times_bound=over(moved, bound),
        floor_bytes=sum(floor_shares(done.work, done.plan)),
        dram_j=joules,
        dram_s=math.fsum(a.dram_s for a in layers),
        pj_per_byte=over(joules * 1e12, moved),
        row_hit_rate=None if missed is None else 1 - missed,
    )


def buffer_entry(size: int, split: tuple[int, int, int] | None) -> MemoryBuffer:
    """Return a buffer's size as JSON has it."""
    parts = None if split is None else SplitBytes(*split)
    return MemoryBuffer(bytes=size, shared=split is None, split=parts)


def dram_entry(dram: Dram) -> MemoryDram:
    """Return a DRAM's part as JSON has it."""
    return MemoryDram(
        part=dram.name,
        channels=dram.channels,
        map=dram.map.order,
        layout=str(dram.layout),
        peak_bytes_per_s=dram.peak_bytes_per_s,
    )


def memory_notes(network: Network) -> list[str]:
    """Return what must be known of how a network was read and converted."""
    converted = {f"{source} to {target}": count for source, target, count in network.converted}
    return [*network.notes, *converted_notes(converted, network.layers)]
