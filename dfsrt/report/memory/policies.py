"""Every policy: what each mapper and each schedule would move."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dfsrt.base.errors import InputError
from dfsrt.cost.choice import with_memory
from dfsrt.cost.mapper import mapper_label, mapper_names
from dfsrt.cost.memory import memory_plan, memory_work
from dfsrt.cost.schedule import schedule_label, schedule_names
from dfsrt.cost.schedule.bounds import layer_bounds
from dfsrt.cost.schedule.planned import planned_traffic
from dfsrt.device import Npu
from dfsrt.network import Network
from dfsrt.report.memory.parts import MemoryPolicy, OperandBytes
from dfsrt.report.memory.planned import operand_bytes

LAYERWISE, ENGINE, HALF_BUFFER = "layerwise", "engine", "half-buffer"


@dataclass(frozen=True, slots=True)
class Moved:
    """What a policy moves by operand, and the least that it could; ``why`` is an error's text."""

    mapper: str
    schedule: str
    bytes: OperandBytes | None
    bound_bytes: int
    why: str | None = None

    @property
    def total(self) -> int | None:
        """All bytes; None where no tile fits."""
        return None if self.bytes is None else self.bytes.total


def policies(network: Network, npu: Npu) -> list[MemoryPolicy]:
    """Return what every mapper moves layer by layer, and every schedule with the device's own."""
    return [
        MemoryPolicy(mapper=m.mapper, schedule=m.schedule, dram_bytes=m.total, why=m.why)
        for m in every_policy(network, npu, bounds=False)
    ]


def every_policy(network: Network, npu: Npu, bounds: bool = True) -> Iterator[Moved]:
    """Yield what each policy moves: mappers layer by layer, then schedules with the own mapper.

    Without ``bounds`` the least that each could move is left at 0.
    """
    for mapper, schedule in pairs(npu):
        yield _moved(network, with_memory(npu, mapper, schedule), bounds)


def pairs(npu: Npu) -> list[tuple[object, object]]:
    """Return the mappers and schedules that are compared, those of the device among them.

    ``engine`` only where it is the device's own: elsewhere no engine settles what is fetched.
    """
    own_mapper, own_schedule = npu.memory.mapper, npu.memory.schedule
    mappers: list[object] = [m for m in mapper_names() if m != ENGINE]
    mappers += [own_mapper] if own_mapper not in mappers else []
    schedules: list[object] = [s for s in schedule_names() if s != LAYERWISE]
    schedules += [own_schedule] if own_schedule not in (LAYERWISE, *schedules) else []
    return [(m, LAYERWISE) for m in mappers] + [(own_mapper, s) for s in schedules]


def _moved(network: Network, npu: Npu, bounds: bool) -> Moved:
    mapper, schedule = mapper_label(npu.memory.mapper), schedule_label(npu.memory.schedule)
    work = memory_work(network, npu)
    try:
        plan = memory_plan(work)
        moved = [operand_bytes(each) for each in planned_traffic(work, plan)]
    except InputError as error:
        return Moved(mapper, schedule, None, 0, str(error))
    bound = sum(layer_bounds(work, plan)) if bounds else 0
    return Moved(mapper, schedule, sum(moved, OperandBytes()), bound)
