"""Groups of layers that run as one, and the plan of a network that is cut into them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from dfsrt.cost.schedule.lifetimes import Map
from dfsrt.cost.schedule.schedule import ROWS, LayerPlan, MemoryPlan
from dfsrt.cost.schedule.work import MemoryWork
from dfsrt.cost.traffic.mapping import Fetches

ONCE = Fetches(1, 1, 1)


@dataclass(frozen=True, slots=True)
class Group:
    """Layers ``first`` to ``last`` that run as one, and the bytes that they take on chip and move.

    Each operand crosses once, where it crosses; the right sides of the products of some layers
    cross ``again`` and again: so often. With ``parts`` the layers run part by part, not row by row.
    """

    first: int
    last: int
    chip_bytes: int
    moved_bytes: float
    again: Mapping[int, int] = field(default_factory=dict)
    parts: int | None = None

    def fetches(self, layer: int) -> Fetches:
        """How often each operand of ``layer`` crosses."""
        return Fetches(1, self.again.get(layer, 1), 1)

    def makes(self, each: Map) -> bool:
        """Whether a map is made in the group."""
        return each.producer is not None and self.first <= each.producer <= self.last

    def holds(self, each: Map) -> bool:
        """Whether a map is made in the group and needed nowhere else."""
        inside = self.makes(each) and each.last <= self.last and not each.goes
        return inside and (self.parts is None or len(each.readers) == 1)

    def finds(self, each: Map) -> tuple[int, ...]:
        """The layers of the group that find on chip a map that it makes.

        Part by part, the next layer alone does.
        """
        readers = each.readers if self.parts is None else each.readers[:1]
        return tuple(layer for layer in readers if layer <= self.last)


def by_name(maps: Iterable[Map], apart: Mapping[str, str]) -> dict[str, Map]:
    """Return the map of each name, but of those that lie ``apart`` from the buffer."""
    return {name: each for each in maps if each.names.isdisjoint(apart) for name in each.names}


def grouped_plan(
    work: MemoryWork, groups: Sequence[Group], maps: Mapping[str, Map], base: MemoryPlan
) -> MemoryPlan:
    """Return the plan in which groups run as one, beside what ``base`` keeps, and else is it."""
    plans, places = list(base.layers), dict(base.places)
    on_chip = _read_in_groups(groups, maps.values())
    for number, group in enumerate(groups):
        for i in range(group.first, group.last + 1):
            names = on_chip.get(i, frozenset()) | plans[i].on_chip
            chip_bytes = plans[i].kept_bytes + group.chip_bytes
            plans[i] = LayerPlan(chip_bytes, group.fetches(i), number, names, group.parts)
    for name, each in maps.items():
        if any(group.holds(each) for group in groups):
            places[name] = ROWS
    return MemoryPlan(tuple(plans), places)


def _read_in_groups(groups: Iterable[Group], maps: Iterable[Map]) -> dict[int, frozenset[str]]:
    """Return the names that layers read of maps of their group that others need too."""
    on_chip: dict[int, frozenset[str]] = {}
    for each, group in _pairs(groups, maps):
        if not group.holds(each):
            for layer in group.finds(each):
                on_chip[layer] = on_chip.get(layer, frozenset()) | each.names
    return on_chip


def _pairs(groups: Iterable[Group], maps: Iterable[Map]) -> Iterator[tuple[Map, Group]]:
    at = {layer: g for g in groups for layer in range(g.first, g.last + 1)}
    for each in maps:
        if each.producer in at:
            yield each, at[each.producer]
