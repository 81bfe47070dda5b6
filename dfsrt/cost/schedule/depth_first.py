"""Depth first: groups of layers run row by row, so that maps between them need not leave."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar

from dfsrt.cost.schedule.attention import attention_at, blocks_of
from dfsrt.cost.schedule.groups import ONCE, Group, by_name, grouped_plan
from dfsrt.cost.schedule.kept import kept_plan
from dfsrt.cost.schedule.layerwise import resident_places
from dfsrt.cost.schedule.lifetimes import Map, maps_of
from dfsrt.cost.schedule.moved import Moved
from dfsrt.cost.schedule.row_group import RowGroup
from dfsrt.cost.schedule.rows import RowLayers
from dfsrt.cost.schedule.schedule import LayerPlan, MemoryPlan
from dfsrt.cost.schedule.work import MemoryWork
from dfsrt.network.layer import Kind, Layer

LONGEST = 64
"""Layers of a group by rows, at most."""


@dataclass(frozen=True)
class DepthFirst:
    """Run groups of layers row by row; of maps between them a few rows at a time lie on chip.

    A group's weights stay while it runs, nothing is computed twice, and where paths meet again the
    shorter one waits on chip. An attention runs by blocks of queries: its scores never leave.
    Groups are consecutive layers, cut so that the fewest bytes move; those between run layer by
    layer. What needs a map whole before it starts (a reduction, a transpose) ends a group.

    Limits: a group has ``LONGEST`` layers at most and runs on one core, in its buffer. A block is
    as small as the bytes allow, however many rows an array would like.
    """

    name: ClassVar[str] = "depth-first"
    online: bool = field(
        default=False, metadata={"help": "build up the softmax of an attention block by block"}
    )

    def plan(self, work: MemoryWork) -> MemoryPlan:
        """Return the plan whose cuts move the least."""
        apart = resident_places(work)
        maps, moved = by_name(maps_of(work), apart), Moved(work, apart)
        every = Groups(work, maps, moved, work.buffer.total_bytes, self.online).every()
        return grouped_plan(work, _least(moved, every), maps, kept_plan(work, {}, apart))


@dataclass(frozen=True)
class Groups:
    """All groups by rows and by blocks of queries that a network could run in.

    They take ``chip_bytes`` of the buffer or less; ``maps`` are those of each name.
    """

    work: MemoryWork
    maps: Mapping[str, Map]
    moved: Moved
    chip_bytes: int
    online: bool = False

    def every(self) -> Iterator[Group]:
        """Yield the groups, of two layers and more."""
        yield from self._by_rows()
        yield from self._by_blocks()

    def _by_rows(self) -> Iterator[Group]:
        """Yield groups of two layers and more that run row by row, from each layer on."""
        work, moved = self.work, self.moved
        once = [moved.of(i, LayerPlan(0, ONCE)) for i in range(len(work.layers))]
        own, rows = [self._inputs(layer) for layer in work.layers], RowLayers(work.layers)
        for first in range(len(work.layers)):
            group, total = RowGroup(rows, self.maps, moved.apart, work.buffer.double), 0.0
            for last in range(first, min(first + LONGEST, len(work.layers))):
                if work.layers[last].kind is Kind.VIEW:
                    if last == first:
                        break
                    continue
                same = work.passes[last] == work.passes[first]
                if not same or not group.add(last) or group.bytes > self.chip_bytes:
                    break
                total += once[last] - work.passes[last] * _saved(own[last], first, last)
                if last > first:
                    yield Group(first, last, group.bytes, total)

    def _inputs(self, layer: Layer) -> tuple[Map, ...]:
        """Return the maps that a layer reads, each once."""
        maps = {id(m): m for m in (self.maps.get(t.name) for t in layer.inputs) if m is not None}
        return tuple(maps.values())

    def _by_blocks(self) -> Iterator[Group]:
        """Yield the attentions that fit, by blocks of queries."""
        for first in range(len(self.work.layers)):
            attention = attention_at(self.work, first, self.maps)
            blocks = attention and blocks_of(attention, self.chip_bytes, self.online)
            if attention and blocks:
                again = {first: blocks.key_passes, attention.last: blocks.value_passes}
                group = Group(first, attention.last, blocks.chip_bytes, 0, again)
                inside = {name for name, each in self.maps.items() if group.holds(each)}
                layers = range(first, attention.last + 1)
                total = sum(
                    self.moved.of(i, LayerPlan(0, group.fetches(i)), inside) for i in layers
                )
                yield replace(group, moved_bytes=total)


def _least(moved: Moved, every: Iterable[Group]) -> tuple[Group, ...]:
    """Return the groups, in order, that move the least with single layers between them."""
    ends, least = dict[int, list[Group]](), [0.0]
    for group in every:
        ends.setdefault(group.last, []).append(group)
    chosen: list[Group | None] = []
    for last in range(len(moved.work.layers)):
        best, total = None, least[last] + moved.of(last, LayerPlan())
        for group in ends.get(last, ()):
            if least[group.first] + group.moved_bytes < total:
                best, total = group, least[group.first] + group.moved_bytes
        least.append(total)
        chosen.append(best)
    return _cuts(chosen)


def _saved(inputs: Iterable[Map], first: int, last: int) -> int:
    """Return what a group from ``first`` on saves as layer ``last``, with such inputs, joins it.

    It reads on chip what the group makes, and the last reader has it never written.
    """
    inner = [m for m in inputs if m.producer is not None and m.producer >= first]
    reads = sum(m.read_bytes[m.readers.index(last)] for m in inner)
    return reads + sum(m.written_bytes for m in inner if m.last == last and not m.goes)


def _cuts(chosen: Sequence[Group | None]) -> tuple[Group, ...]:
    """Return the groups, in order, of the best way to the last layer; None is a layer alone."""
    groups, end = list[Group](), len(chosen)
    while end:
        group = chosen[end - 1]
        if group is not None:
            groups.append(group)
        end = end - 1 if group is None else group.first
    return tuple(reversed(groups))
