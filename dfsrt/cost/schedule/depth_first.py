"""Depth first: groups of layers run row by row, so that maps between them need not leave."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from dfsrt.cost.schedule.layerwise import resident_places
from dfsrt.cost.schedule.lifetimes import Map, maps_of
from dfsrt.cost.schedule.moved import Moved
from dfsrt.cost.schedule.row_group import RowGroup
from dfsrt.cost.schedule.schedule import ROWS, LayerPlan, MemoryPlan
from dfsrt.cost.schedule.work import MemoryWork
from dfsrt.cost.traffic.mapping import Fetches
from dfsrt.network.layer import Kind

ONCE = Fetches(1, 1, 1)


class Group(NamedTuple):
    """Layers ``first`` to ``last`` in one, with the bytes that they take on chip and move."""

    first: int
    last: int
    chip_bytes: int
    moved_bytes: int


@dataclass(frozen=True)
class DepthFirst:
    """Run groups of layers row by row; of the maps between them only a few rows lie on chip."""

    name: ClassVar[str] = "depth-first"

    def plan(self, work: MemoryWork) -> MemoryPlan:
        """Return the plan whose cuts between groups move the least."""
        groups = least_groups(work)
        return groups


def row_groups(work: MemoryWork, moved: Moved, maps: dict[str, Map], apart: frozenset[str]) -> Iterator[Group]:
    for first, layer in enumerate(work.layers):
        if layer.kind is Kind.VIEW:
            continue
        group = RowGroup(maps, apart, work.buffer.double)
        total = 0
        for last in range(first, len(work.layers)):
            layer = work.layers[last]
            if layer.kind is Kind.VIEW:
                continue
            if work.passes[last] != work.passes[first] or not group.add(layer):
                break
            if group.bytes > work.buffer.total_bytes:
                break
            total += once(moved, last, apart)
            total -= saved(work, maps, first, last)
            yield Group(first, last, group.bytes, total)


def once(moved, i, apart):
    n = moved.of(i, LayerPlan(0, ONCE), dict.fromkeys(apart, "x"))
    return n


def saved(work, maps, first, last):
    total = 0
    seen = {}
    for t in work.layers[last].inputs:
        m = maps.get(t.name)
        if m is not None: seen[id(m)] = m
    for m in seen.values():
        if m.producer is not None and m.producer >= first:
            total += m.read_bytes[m.readers.index(last)]
            if m.last == last and not m.goes:
                total += m.written_bytes
    return total * work.passes[last]


def least_groups(work):
    apart = frozenset(resident_places(work))
    moved = Moved(work)
    maps = {n: m for m in maps_of(work) for n in m.names if not (m.names & apart)}
    n = len(work.layers)
    edges = {}
    for g in row_groups(work, moved, maps, apart):
        if g.last > g.first: edges.setdefault(g.last, []).append(g)
    best = [0] + [None]*n
    back = [None]*(n+1)
    for j in range(n):
        best[j+1] = best[j] + moved.of(j, LayerPlan(), dict.fromkeys(apart, "x")); back[j+1] = None
        for g in edges.get(j, []):
            c = best[g.first] + g.moved_bytes
            if c < best[j+1]: best[j+1] = c; back[j+1] = g
    out=[]; j=n
    while j: 
        g=back[j]
        if g: out.append(g); j=g.first
        else: out.append(j-1); j-=1
    return best[n], out[::-1]
