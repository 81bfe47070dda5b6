"""The report of a network's memory over sizes of the buffer."""

from __future__ import annotations

from collections.abc import Sequence

from dfsrt.base.errors import InputError
from dfsrt.cost.buffer_size import BufferSize
from dfsrt.cost.choice import with_memory
from dfsrt.cost.mapper import mapper_label
from dfsrt.cost.schedule import schedule_label
from dfsrt.cost.schedule.bounds import floor_shares
from dfsrt.device import Npu
from dfsrt.network import Network
from dfsrt.report.computed import computed_precision
from dfsrt.report.memory.parts import SplitBytes
from dfsrt.report.memory.planned import planned
from dfsrt.report.memory.policies import LAYERWISE, Moved, every_policy
from dfsrt.report.memory.report import memory_notes
from dfsrt.report.memory.schema import MemoryComparisonReport, MemoryPoint


def memory_comparison(
    network: Network, npu: Npu, sizes: Sequence[BufferSize]
) -> MemoryComparisonReport:
    """Return what every policy moves of ``network`` on ``npu`` with a buffer of each of ``sizes``.

    Raises:
        InputError: a layer in a precision that the device does not have, or a buffer that not even
            the least tile fits.
    """
    memory = npu.memory
    largest = with_memory(npu, buffer=max(sizes, key=lambda size: size.total_bytes))
    done = planned(network, with_memory(largest, schedule=LAYERWISE))
    return MemoryComparisonReport(
        network=network.name,
        device=npu.name,
        precision=computed_precision(done.costs),
        mapper=mapper_label(memory.mapper),
        schedule=schedule_label(memory.schedule),
        channel_pad=memory.channel_pad,
        double_buffer=memory.double_buffer,
        line_buffer=memory.line_buffer,
        floor_bytes=sum(floor_shares(done.work, done.plan)),
        points=[p for size in sizes for p in _points(network, npu, size)],
        notes=memory_notes(network),
    )


def _points(network: Network, npu: Npu, size: BufferSize) -> list[MemoryPoint]:
    each = list(every_policy(network, with_memory(npu, buffer=size)))
    if all(moved.bytes is None for moved in each):
        raise InputError(each[0].why or "no tile fits into the buffer")
    return [_point(moved, size) for moved in each]


def _point(moved: Moved, size: BufferSize) -> MemoryPoint:
    return MemoryPoint(
        buffer_bytes=size.total_bytes,
        split=None if size.split_bytes is None else SplitBytes(*size.split_bytes),
        mapper=moved.mapper,
        schedule=moved.schedule,
        dram_bytes=moved.total,
        bytes=moved.bytes,
        bound_bytes=moved.bound_bytes,
        why=moved.why,
    )
