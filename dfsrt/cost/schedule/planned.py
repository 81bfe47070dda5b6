"""The traffic of a plan, layer by layer."""

from __future__ import annotations

from dfsrt.base.errors import InputError
from dfsrt.cost.layer_traffic import LayerTraffic, layer_traffic
from dfsrt.cost.schedule.schedule import LayerPlan, MemoryPlan
from dfsrt.cost.schedule.work import MemoryWork
from dfsrt.cost.traffic.least import has_room, too_small
from dfsrt.cost.traffic.nest import LoopNest
from dfsrt.cost.traffic.nests import nests_of
from dfsrt.network.layer import Kind, Layer


def planned_traffic(work: MemoryWork, plan: MemoryPlan) -> tuple[LayerTraffic, ...]:
    """Return the traffic of each layer under ``plan``, in all its passes.

    Raises:
        InputError: not even the least tile of a layer fits into what is left of the buffer.
    """
    return tuple(
        _traffic(layer, own, work, plan).times(times)
        for layer, own, times in zip(work.layers, plan.layers, work.passes, strict=True)
    )


def planned_bytes(work: MemoryWork, plan: MemoryPlan) -> int:
    """Return the bytes that a network moves under ``plan``.

    Raises:
        InputError: not even the least tile of a layer fits into what is left of the buffer.
    """
    return sum(traffic.dram_bytes for traffic in planned_traffic(work, plan))


def _traffic(layer: Layer, own: LayerPlan, work: MemoryWork, plan: MemoryPlan) -> LayerTraffic:
    buffer, kept = work.buffer.left(own.kept_bytes), frozenset(plan.places) | own.on_chip
    try:
        return layer_traffic(layer, work.mapper, buffer, kept, own.fetches)
    except InputError as error:
        raise InputError(
            f"layer '{layer.name}': {_advice(layer, own, work, plan, error)}"
        ) from None


def _advice(
    layer: Layer, own: LayerPlan, work: MemoryWork, plan: MemoryPlan, error: InputError
) -> str:
    """Return what is wrong with ``layer``, and the least buffer that does for all layers."""
    buffer = work.buffer.left(own.kept_bytes)
    if all(has_room(nest, buffer) for nest in _tiled(layer, own, plan)):
        return str(error)
    pairs = list(zip(work.layers, plan.layers, strict=True))
    every = [nest for other, its in pairs for nest in _tiled(other, its, plan)]
    return f"{too_small(every, buffer, own.kept_bytes)}, which does for all layers"


def _tiled(layer: Layer, own: LayerPlan, plan: MemoryPlan) -> tuple[LoopNest, ...]:
    """Return the products of a layer that a mapper tiles."""
    if layer.kind is Kind.VIEW or own.fetches is not None:
        return ()
    return nests_of(layer, frozenset(plan.places) | own.on_chip)
