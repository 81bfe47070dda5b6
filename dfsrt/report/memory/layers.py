"""The layers of a report of memory: bytes, bound, tile and what held them."""

from __future__ import annotations

from dfsrt.cost import LayerCost
from dfsrt.cost.schedule import LayerPlan, MemoryPlan
from dfsrt.cost.stream_pace import stream_bytes_per_s
from dfsrt.device import Npu
from dfsrt.network.layer import Kind, Layer
from dfsrt.report.memory.held import ENGINE, held_by
from dfsrt.report.memory.parts import Tile
from dfsrt.report.memory.planned import Planned, operand_bytes
from dfsrt.report.memory.schema import MemoryLayer

DRAM = "dram"
"""The place of what does not stay on chip."""


def memory_layers(planned: Planned) -> list[MemoryLayer]:
    """Return an entry for each layer of a network, views included, which move nothing."""
    work, plan = planned.work, planned.plan
    rows = zip(work.layers, work.passes, planned.costs, plan.layers, strict=True)
    return [
        _entry(layer, passes, cost, own, planned.npu, plan) for layer, passes, cost, own in rows
    ]


def _entry(
    layer: Layer,
    passes: int,
    cost: LayerCost,
    own: LayerPlan,
    npu: Npu,
    plan: MemoryPlan,
) -> MemoryLayer:
    traffic, moves = cost.traffic, layer.kind is not Kind.VIEW
    tile, order = _tiling(cost, own)
    kept = frozenset(plan.places) | own.on_chip
    seconds, joules = dram_s(cost, npu), dram_j(cost, npu)
    settled = npu.memory.mapper == ENGINE and layer != cost.layer.one_pass
    held = held_by(layer, passes, traffic, own, kept, settled) if moves else None
    return MemoryLayer(
        name=layer.name,
        op=layer.op,
        dram_bytes=traffic.dram_bytes,
        dram_read_bytes=traffic.read_bytes,
        dram_write_bytes=traffic.write_bytes,
        bytes=operand_bytes(traffic),
        bound_bytes=traffic.bound_bytes,
        times_bound=over(traffic.dram_bytes, traffic.bound_bytes),
        tile=tile,
        order=order,
        stays=traffic.stays if layer.gemms else None,
        held_by=held,
        place=place_of(layer, plan) if moves else None,
        row_hit_rate=cost.dram.row_hit_rate if cost.dram and traffic.dram_bytes else None,
        dram_j=joules,
        dram_s=seconds,
        pj_per_byte=over(joules * 1e12, traffic.dram_bytes),
    )


def _tiling(cost: LayerCost, own: LayerPlan) -> tuple[Tile | None, str | None]:
    """Return tile and order of the first product; none of a layer that runs row by row."""
    if own.fetches is not None or not cost.traffic.mappings:
        return None, None
    mapping = cost.traffic.mappings[0]
    return Tile(*mapping.tile), mapping.order


def dram_s(cost: LayerCost, npu: Npu) -> float:
    """Return the seconds that a layer's bytes take: the part's own, or at the flat bandwidth."""
    if cost.dram is not None:
        return cost.dram.seconds
    return cost.dram_bytes / stream_bytes_per_s(cost, npu)


def dram_j(cost: LayerCost, npu: Npu) -> float:
    """Return the joules of a layer's bytes: the part's, standing by meanwhile, or flat a bit."""
    if cost.dram is not None:
        return cost.dram.access_j + cost.dram.background_w * cost.dram.seconds
    return cost.dram_bytes * 8e-12 * npu.silicon.dram_pj_per_bit


def place_of(layer: Layer, plan: MemoryPlan) -> str | None:
    """Return where the results of ``layer`` lie, several places with ``+`` between them."""
    places = dict.fromkeys(plan.places.get(t.name, DRAM) for t in layer.outputs)
    return "+".join(places) or None


def over(amount: float, base: float) -> float | None:
    """Return a ratio; None where there is nothing to divide by."""
    return amount / base if base else None
