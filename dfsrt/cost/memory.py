"""A network's memory: how its tensors lie in DRAM, and what crosses under the device's policies."""

from __future__ import annotations

from dataclasses import replace

from dfsrt.cost.decoding import decoded
from dfsrt.cost.layer_traffic import LayerTraffic
from dfsrt.cost.mapper import make_mapper
from dfsrt.cost.mapper.engine import Engine
from dfsrt.cost.overlap.ahead import with_ahead
from dfsrt.cost.schedule import make_schedule
from dfsrt.cost.schedule.bounds import layer_bounds
from dfsrt.cost.schedule.check import check_plan
from dfsrt.cost.schedule.check_types import plain_plan
from dfsrt.cost.schedule.planned import planned_traffic
from dfsrt.cost.schedule.schedule import MemoryPlan
from dfsrt.cost.schedule.work import MemoryWork, outer_names
from dfsrt.cost.traffic.buffer import buffer_of
from dfsrt.device.engine import engine_of
from dfsrt.device.npu import Npu
from dfsrt.device.padded import padded, unpadded
from dfsrt.network.layer import Layer
from dfsrt.network.network import Network


def network_traffic(
    network: Network, npu: Npu
) -> tuple[tuple[Layer, ...], tuple[LayerTraffic, ...]]:
    """Return one pass of each layer as its tensors lie in DRAM, and what crosses in all passes,
    with the least that could.

    Raises:
        InputError: an unknown mapper or schedule, or a buffer that not even the least tile fits.
    """
    work = memory_work(network, npu)
    plan = memory_plan(work)
    kept_bytes = [own.kept_bytes for own in plan.layers]
    moved = with_ahead(work, planned_traffic(work, plan), kept_bytes)
    pairs = zip(moved, layer_bounds(work, plan), strict=True)
    return work.layers, tuple(replace(traffic, bound_bytes=least) for traffic, least in pairs)


def memory_work(network: Network, npu: Npu) -> MemoryWork:
    """Return what a schedule plans for ``network`` on ``npu``.

    Raises:
        InputError: an unknown mapper.
    """
    mapper = make_mapper(npu.memory.mapper)
    return MemoryWork(
        layers=tuple(layer.one_pass for layer in stored_layers(network, npu)),
        passes=tuple(layer.times for layer in network.layers),
        outer=outer_names(network),
        memory=npu.memory,
        buffer=buffer_of(npu.memory),
        mapper=mapper,
        other_bytes=_other_bytes(npu),
    )


def _other_bytes(npu: Npu) -> int:
    """Bytes of buffers beside the one that tiles use: of the other cores in use."""
    own, total = npu.memory.buffer_bytes, npu.memory.map_bytes
    return (npu.used_cores - 1) * own if total is None else max(total - own, 0)


def memory_plan(work: MemoryWork) -> MemoryPlan:
    """Return what the schedule of the device's memory plans, checked.

    Raises:
        InputError: an unknown schedule, or a plan that cannot be kept.
    """
    plan = plain_plan(make_schedule(work.memory.schedule).plan(work))
    check_plan(work, plan)
    return plan


def stored_layers(network: Network, npu: Npu) -> tuple[Layer, ...]:
    """Return the layers with their tensors as they lie in DRAM.

    Constants are there as the device's decoders read them. An engine whose own passes settle what
    is fetched does so where the device's mapper is ``engine``. What grows lies in DRAM: a cache is
    larger than its blocks.

    Raises:
        InputError: an unknown mapper.
    """
    raw = frozenset(network.inputs) | unpadded(network.layers)
    engine, pad = engine_of(npu), npu.memory.channel_pad
    own = isinstance(make_mapper(npu.memory.mapper), Engine)
    coded = (decoded(a, npu) for a in network.layers)
    layers = (engine.in_dram(a, raw, npu) if own and not a.grows else a for a in coded)
    return tuple(padded(layer, raw, pad) for layer in layers)
