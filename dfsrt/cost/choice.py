"""Another choice of mapper, schedule or buffer than a device's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dfsrt.cost.buffer_size import BufferSize, parse_buffer
from dfsrt.cost.mapper import make_mapper
from dfsrt.cost.schedule import make_schedule
from dfsrt.device.dram import Dram, load_dram
from dfsrt.device.npu import Memory, Npu


def with_memory(
    npu: Npu,
    mapper: object | None = None,
    schedule: object | None = None,
    buffer: str | int | Sequence[int] | BufferSize | None = None,
    dram: str | Dram | None = None,
) -> Npu:
    """Return ``npu`` with another mapper, schedule or buffer; what is None stays the device's own.

    A mapper is a name with options or an object with ``map``, a schedule a name or an object with
    ``plan``. A buffer is text like ``108KiB`` or ``64KiB+64KiB+64KiB``, or bytes; it takes the
    place of the device's, shared or in parts, and system SRAM stays as it is. DRAM is a part's name
    with options, or a part.

    Raises:
        InputError: an unknown mapper or schedule, or a buffer that is none.
    """
    memory = npu.memory
    if mapper is not None:
        make_mapper(mapper)
        memory = replace(memory, mapper=mapper)
    if schedule is not None:
        make_schedule(schedule)
        memory = replace(memory, schedule=schedule)
    if buffer is not None:
        memory = _with_buffer(memory, parse_buffer(buffer))
    if dram is not None:
        part = dram if isinstance(dram, Dram) else load_dram(dram)
        return replace(npu, memory=memory, dram=part)
    return npu if memory is npu.memory else replace(npu, memory=memory)


def _with_buffer(memory: Memory, size: BufferSize) -> Memory:
    return replace(memory, buffer_bytes=size.total_bytes, split_bytes=size.split_bytes)
