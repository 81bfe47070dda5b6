"""Maps over layers: how long each lives, and where it lies."""

from __future__ import annotations

from collections.abc import Sequence

from dfsrt.cost.schedule import MemoryPlan
from dfsrt.cost.schedule.lifetimes import Map, Span, alive_bytes, maps_of
from dfsrt.cost.schedule.schedule import BUFFER, ROWS, SYSTEM_SRAM
from dfsrt.report.memory.layers import DRAM
from dfsrt.report.memory.parts import MemoryMap, MemoryPlace
from dfsrt.report.memory.planned import Planned


def memory_maps(done: Planned) -> list[MemoryMap]:
    """Return the maps that could stay on chip, in the order in which they begin.

    Limits: maps that live across the passes of a loop are left out, as schedules leave them in
    DRAM.
    """
    return [
        MemoryMap(
            name=_name(each, done),
            bytes=each.bytes,
            first=each.first,
            last=each.last,
            place=_place(each, done.plan),
        )
        for each in maps_of(done.work)
    ]


def _name(each: Map, done: Planned) -> str:
    """What its producer calls it, else its first reader."""
    layer = done.work.layers[each.first]
    tensors = layer.inputs if each.producer is None else layer.outputs
    return next((t.name for t in tensors if t.name in each.names), min(each.names))


def _place(each: Map, plan: MemoryPlan) -> str:
    """Where a map lies: of what crosses once in any case, where all that read it later find it.

    What only some of them find on chip lies in DRAM, too.
    """
    for name in sorted(each.names):
        if name in plan.places:
            return plan.places[name]
    later = [plan.layers[i] for i in (each.readers[1:] if each.comes else each.readers)]
    stays = [own.group is None and bool(each.names & own.on_chip) for own in later]
    return BUFFER if stays and all(stays) else DRAM


def memory_places(maps: Sequence[MemoryMap], done: Planned) -> list[MemoryPlace]:
    """Return where maps lie on chip, with the most bytes of whole maps at a time.

    Of maps that lie there by rows it is what the schedule keeps for them in the buffer.
    """
    memory = done.npu.memory
    sizes = {BUFFER: done.work.map_bytes}
    sizes |= {SYSTEM_SRAM: memory.system_sram_bytes, ROWS: memory.buffer_bytes}
    names = dict.fromkeys(m.place for m in maps if m.place != DRAM)
    kept = max((own.kept_bytes for own in done.plan.layers), default=0)
    return [
        MemoryPlace(
            place=name,
            size_bytes=sizes.get(name),
            peak_bytes=kept if name == ROWS else _peak(maps, name, len(done.work.layers)),
            maps=sum(m.place == name for m in maps),
        )
        for name in names
    ]


def _peak(maps: Sequence[MemoryMap], place: str, layers: int) -> int:
    """Return the most bytes that lie in ``place`` at one layer."""
    spans = (Span(m.first, m.last, m.bytes) for m in maps if m.place == place)
    return max(alive_bytes(spans, layers), default=0)
