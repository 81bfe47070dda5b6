"""The traffic of a plan, layer by layer."""

from __future__ import annotations

from dfsrt.cost.layer_traffic import LayerTraffic, layer_traffic
from dfsrt.cost.schedule.schedule import MemoryPlan
from dfsrt.cost.schedule.work import MemoryWork


def planned_traffic(work: MemoryWork, plan: MemoryPlan) -> tuple[LayerTraffic, ...]:
    """Return the traffic of each layer under ``plan``, in all its passes.

    Raises:
        InputError: not even the least tile of a layer fits into what is left of the buffer.
    """
    kept = frozenset(plan.places)
    return tuple(
        layer_traffic(
            layer,
            work.mapper,
            work.buffer.left(own.kept_bytes),
            kept | own.on_chip,
            own.fetches,
        ).times(times)
        for layer, own, times in zip(work.layers, plan.layers, work.passes, strict=True)
    )


def planned_bytes(work: MemoryWork, plan: MemoryPlan) -> int:
    """Return the bytes that a network moves under ``plan``.

    Raises:
        InputError: not even the least tile of a layer fits into what is left of the buffer.
    """
    return sum(traffic.dram_bytes for traffic in planned_traffic(work, plan))
