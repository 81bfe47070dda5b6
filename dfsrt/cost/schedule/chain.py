"""Chains: the cuts of a network into layers alone, whole maps handed on, and groups."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, pairwise
from math import inf
from typing import NamedTuple

from dfsrt.cost.schedule.groups import ONCE, Group
from dfsrt.cost.schedule.lifetimes import Map
from dfsrt.cost.schedule.moved import Moved
from dfsrt.cost.schedule.part_group import PartGroup
from dfsrt.cost.schedule.rows import RowLayers
from dfsrt.cost.schedule.schedule import LayerPlan
from dfsrt.cost.schedule.work import MemoryWork
from dfsrt.network.layer import Kind

PARTS = (2, 4, 8, 16, 32, 64)
LONGEST = 32
"""Layers of a chain that run part by part, at most."""


class _Way(NamedTuple):
    """The way to a layer that moves the least: where it comes from, and by which group."""

    moved_bytes: float
    before: int = 0
    handed: bool = False
    group: Group | None = None


class Chain:
    """The running layers of a network in order, and the maps that each hands to the next.

    ``maps`` are those of each name. A group takes ``chip_bytes`` of the buffer or less, and cuts
    its maps in ``most_parts`` parts at most.
    """

    def __init__(
        self,
        work: MemoryWork,
        maps: Mapping[str, Map],
        moved: Moved,
        chip_bytes: int,
        most_parts: int = PARTS[-1],
    ) -> None:
        self.work, self.moved, self.chip_bytes = work, moved, chip_bytes
        self.rows = RowLayers(work.layers)
        self.parts = [parts for parts in PARTS if parts <= most_parts]
        self.layers = [i for i, a in enumerate(work.layers) if a.kind is not Kind.VIEW]
        after = dict(pairwise(self.layers))
        every = {id(each): each for each in maps.values() if each.readers and not each.comes}
        self.link: dict[int, Map] = {
            each.producer: each
            for each in every.values()
            if each.producer is not None
            and after.get(each.producer) == each.readers[0]
            and len(work.layers[each.producer].outputs) == 1
        }

    def least(self, more: Iterable[Group] = ()) -> tuple[list[Map], list[Group]]:
        """Return the maps that are handed on whole, and the groups: by parts, or of ``more``."""
        ways: list[dict[bool, _Way]] = [{False: _Way(0.0)}]  # by whether the last map is on chip
        ends: dict[int, list[tuple[int, Group]]] = {}
        number = {layer: n for n, layer in enumerate(self.layers)}
        others = ((number[g.first], number[g.last], g) for g in more)
        for start, end, group in (*self._groups(), *others):
            ends.setdefault(end, []).append((start, group))
        for n in range(len(self.layers)):
            ways.append(self._ways_alone(n, ways[n]))
            for start, group in ends.get(n, ()):
                total = ways[start][False].moved_bytes + group.moved_bytes
                if total < ways[n + 1][False].moved_bytes:
                    ways[n + 1][False] = _Way(total, start, False, group)
        return self._back(ways)

    def _ways_alone(self, n: int, ways: Mapping[bool, _Way]) -> dict[bool, _Way]:
        """Return the ways on from layer number ``n``, if it runs by itself."""
        best: dict[bool, _Way] = {}
        for finds, way in ways.items():
            for leaves in (False, True) if self.layers[n] in self.link else (False,):
                total = way.moved_bytes + self._alone_bytes(n, finds, leaves)
                if leaves not in best or total < best[leaves].moved_bytes:
                    best[leaves] = _Way(total, n, finds)
        return {leaves: way for leaves, way in best.items() if not leaves or way.moved_bytes < inf}

    def _alone_bytes(self, n: int, finds: bool, leaves: bool) -> float:
        """Return what a layer moves that finds its map on chip, and leaves its own, or not."""
        layer, kept, names = self.layers[n], 0, set[str]()
        if finds:
            before = self.link[self.layers[n - 1]]
            kept, names = before.bytes, names | before.names
        if leaves:
            own = self.link[layer]
            kept += own.bytes
            names |= own.names if _only_there(own) else set()
        kept = max(kept - self.work.other_bytes, 0)
        if kept > self.work.buffer.total_bytes:
            return inf
        return self.moved.of(layer, LayerPlan(kept), names)

    def _back(self, ways: Sequence[Mapping[bool, _Way]]) -> tuple[list[Map], list[Group]]:
        links, groups = list[Map](), list[Group]()
        n, handed = len(self.layers), False
        while n:
            way = ways[n][handed]
            if way.group is not None:
                groups.append(way.group)
            if handed:
                links.append(self.link[self.layers[n - 1]])
            n, handed = way.before, way.handed
        return links[::-1], groups[::-1]

    def _groups(self) -> Iterator[tuple[int, int, Group]]:
        """Yield groups of two layers and more, each with the numbers of its first and last.

        More parts than are needed for all weights to stay are not tried, nor what moves more than
        its layers by themselves, however it goes on: neither saves anything.
        """
        once = {i: self.moved.of(i, LayerPlan(0, ONCE)) for i in self.layers}
        alone = list(accumulate((self.moved.of(i, LayerPlan()) for i in self.layers), initial=0.0))
        for start in range(len(self.layers)):
            end, all_stay = self._end(start), start
            for parts in self.parts:
                if all_stay == end:
                    break
                for n, group in self._from(start, end, parts, once):
                    if n > all_stay:
                        yield start, n, group
                    if not group.again:
                        all_stay = max(all_stay, n)
                    link = self.link.get(self.layers[n])
                    saved = alone[n + 1] - alone[start] - group.moved_bytes
                    if saved < -(_handed_bytes(link) * self.work.passes[group.last] if link else 0):
                        break

    def _end(self, start: int) -> int:
        """Return the number of the last layer to which each hands a map on from ``start``."""
        n, passes = start, self.work.passes
        while n + 1 < len(self.layers) and self.layers[n] in self.link and n + 1 - start < LONGEST:
            if passes[self.layers[n + 1]] != passes[self.layers[start]]:
                break
            n += 1
        return n

    def _from(
        self, start: int, end: int, parts: int, once: Mapping[int, float]
    ) -> Iterator[tuple[int, Group]]:
        """Yield groups that fit, of layers from number ``start`` on, with their last's number."""
        apart, double, chip_bytes = self.moved.apart, self.work.buffer.double, self.chip_bytes
        group = PartGroup(self.rows, parts, apart, double)
        first, passes, total = self.layers[start], self.work.passes[self.layers[start]], 0.0
        for n in range(start, end + 1):
            layer, link = self.layers[n], self.link[self.layers[n - 1]] if n > start else None
            if not group.add(layer, link.names if link else ()) or group.bytes > chip_bytes:
                return
            total += once[layer] - (passes * _handed_bytes(link) if link else 0)
            if n > start:
                staying = group.staying(chip_bytes)
                again = {i: group.passes for i in group.weights if i not in staying}
                more = (group.passes - 1) * passes * sum(group.weights[i] for i in again)
                size = group.staying_bytes(staying)
                yield n, Group(first, layer, size, total + more, again, parts)


def _only_there(each: Map) -> bool:
    """Whether nobody but its first reader needs a map."""
    return len(each.readers) == 1 and not each.goes


def _handed_bytes(each: Map) -> int:
    """Return what does not cross if the first reader of a map finds it on chip."""
    return each.read_bytes[0] + (each.written_bytes if _only_there(each) else 0)
