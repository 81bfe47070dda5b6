"""The memory of a network in one call, in one buffer or in many."""

from __future__ import annotations

from pathlib import Path
from typing import Unpack

from dfsrt.base.errors import InputError
from dfsrt.cost.buffer_size import BufferLike, BufferSize, parse_buffer, parse_buffers
from dfsrt.cost.choice import with_memory
from dfsrt.cost.mapper import Mapper
from dfsrt.cost.schedule import Schedule
from dfsrt.device import Npu
from dfsrt.network import Network
from dfsrt.network.reading import ReadingFields, reading_of
from dfsrt.report.api import Job
from dfsrt.report.memory.compare import memory_comparison
from dfsrt.report.memory.report import memory_report
from dfsrt.report.memory.result import Memory, MemoryComparison
from dfsrt.run.fields import RunFields, said_of
from dfsrt.run.source import NETWORK

BUFFERS = "64KiB..2MiB"
"""Sizes that are compared where nobody says any."""


def memory(
    network: str | Path | Network,
    device: str | Path | Npu | None = None,
    *,
    mapper: str | Mapper | None = None,
    schedule: str | Schedule | None = None,
    buffer: BufferLike | None = None,
    dram: str | None = None,
    prefetch: str | None = None,
    precision: str | None = None,
    steps: str | None = None,
    policies: bool = True,
    **reading: Unpack[ReadingFields],
) -> Memory:
    """Return what crosses between ``network`` on ``device`` and DRAM, by layer, and why.

    ``buffer``, like ``"108KiB"`` or ``"64KiB+64KiB+64KiB"``, takes the place of the device's; all
    other fields are those of ``RunSpec``. Without ``policies`` other mappers and schedules are not
    tried.

    Raises:
        InputError: a value that cannot be used, no network, or a buffer that not even the least
            tile fits.
    """
    job = _job(network, device, mapper, schedule, dram, precision, steps, reading)
    npu = with_memory(job.npu, buffer=buffer, prefetch=prefetch)
    return Memory(memory_report(job.job.deployment.network(), npu, policies))


def compare_memory(
    network: str | Path | Network,
    buffers: str | list[BufferLike] = BUFFERS,
    device: str | Path | Npu | None = None,
    *,
    mapper: str | Mapper | None = None,
    schedule: str | Schedule | None = None,
    precision: str | None = None,
    steps: str | None = None,
    **reading: Unpack[ReadingFields],
) -> MemoryComparison:
    """Return what every policy moves in each of ``buffers``.

    They are a range that doubles, ``"64KiB..2MiB"``, or a list, ``"64KiB,256KiB"``. Schedules are
    tried with ``mapper``, mappers layer by layer.

    Raises:
        InputError: a value that cannot be used, no network, or a buffer that not even the least
            tile fits.
    """
    job = _job(network, device, mapper, schedule, None, precision, steps, reading)
    return MemoryComparison(
        memory_comparison(job.job.deployment.network(), job.npu, _sizes(buffers))
    )


def _sizes(buffers: str | list[BufferLike]) -> tuple[BufferSize, ...]:
    if isinstance(buffers, str):
        return parse_buffers(buffers)
    if not isinstance(buffers, list | tuple) or not buffers:
        raise InputError(f"buffers {buffers!r} are no sizes; give a list, or text like 64KiB..2MiB")
    return tuple(parse_buffer(size) for size in buffers)


def _job(
    network: str | Path | Network,
    device: str | Path | Npu | None,
    mapper: str | Mapper | None,
    schedule: str | Schedule | None,
    dram: str | None,
    precision: str | None,
    steps: str | None,
    reading: ReadingFields,
) -> Job:
    unfit = reading.keys() - ReadingFields.__annotations__.keys()
    if unfit:
        raise InputError(
            f"memory has no use for '{min(unfit)}'; what it takes besides device, mapper, "
            f"schedule, buffer, dram, precision and steps is how a network is read: "
            f"{', '.join(sorted(ReadingFields.__annotations__))}"
        )
    fields: RunFields = {**said_of(reading_of(**reading)), "device": device, "dram": dram}
    fields |= {"mapper": mapper, "schedule": schedule, "precision": precision, "steps": steps}
    job = Job(network, **fields)
    if job.kind != NETWORK:
        raise InputError(
            f"'{network}' is a {job.kind}, and memory is of one network; name one of its networks"
        )
    return job
