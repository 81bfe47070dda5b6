"""Another choice of mapper, schedule, buffer or DRAM than a device's own."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dfsrt.base.errors import InputError
from dfsrt.cost.buffer_size import BufferLike, BufferSize, parse_buffer
from dfsrt.cost.mapper import make_mapper
from dfsrt.cost.overlap import checked_prefetch
from dfsrt.cost.schedule import make_schedule
from dfsrt.device.npu import Memory, Npu

if TYPE_CHECKING:
    from dfsrt.device.dram import Dram


def with_memory(
    npu: Npu,
    mapper: object | None = None,
    schedule: object | None = None,
    buffer: BufferLike | None = None,
    dram: str | Dram | None = None,
    prefetch: str | None = None,
) -> Npu:
    """Return ``npu`` with another memory; what is None stays the device's own.

    A mapper is a name with options or an object with ``map``, a schedule a name or an object with
    ``plan``, a DRAM a part's name with options. A buffer is text like ``108KiB`` or
    ``64KiB+64KiB+64KiB``, or bytes; it takes the place of the device's, of all cores in use
    together, shared or in parts, and system SRAM stays as it is.

    Raises:
        InputError: an unknown mapper, schedule or DRAM, or a buffer that is none.
        DeviceError: a DRAM's file that breaks a rule.
    """
    memory = npu.memory
    if mapper is not None:
        make_mapper(mapper)
        memory = replace(memory, mapper=mapper)
    if schedule is not None:
        make_schedule(schedule)
        memory = replace(memory, schedule=schedule)
    if prefetch is not None:
        memory = replace(memory, prefetch=checked_prefetch(prefetch))
    if buffer is not None:
        memory = _with_buffer(memory, parse_buffer(buffer))
    npu = npu if memory is npu.memory else replace(npu, memory=memory)
    return npu if dram is None else replace(npu, dram=_dram(dram))


def _with_buffer(memory: Memory, size: BufferSize) -> Memory:
    total = size.total_bytes  # of all cores together, however many are in use
    return replace(memory, buffer_bytes=total, split_bytes=size.split_bytes, map_bytes=total)


def _dram(dram: str | Dram) -> Dram:
    from dfsrt.device.dram import Dram, load_dram

    if not isinstance(dram, str | Dram):
        raise InputError(f"{dram!r} is no DRAM; give a part's name, or a Dram")
    return dram if isinstance(dram, Dram) else load_dram(dram)
