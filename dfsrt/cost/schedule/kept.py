"""Plans that keep whole maps on chip."""

from __future__ import annotations

from collections.abc import Mapping

from dfsrt.cost.schedule.lifetimes import Map, alive_bytes
from dfsrt.cost.schedule.schedule import BUFFER, LayerPlan, MemoryPlan
from dfsrt.cost.schedule.work import MemoryWork


def kept_plan(work: MemoryWork, kept: Mapping[Map, str], apart: Mapping[str, str]) -> MemoryPlan:
    """Return the plan that keeps maps, each in its place, and tensors ``apart`` from the buffer."""
    in_buffer = (m.span for m, place in kept.items() if place == BUFFER)
    taken = alive_bytes(in_buffer, len(work.layers))
    own = (max(each - work.other_bytes, 0) for each in taken)
    places = dict(apart)
    on_chip: list[frozenset[str]] = [frozenset()] * len(work.layers)
    for each, place in kept.items():
        if not each.comes and not each.goes:
            places.update(dict.fromkeys(sorted(each.names), place))
            continue
        for reader in each.readers[1:] if each.comes else each.readers:
            on_chip[reader] |= each.names
    pairs = zip(own, on_chip, strict=True)
    return MemoryPlan(tuple(LayerPlan(size, on_chip=names) for size, names in pairs), places)
