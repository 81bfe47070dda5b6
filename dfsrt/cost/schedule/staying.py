"""Whole maps that stay beside groups and tiles, and the plan that they make."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf

from dfsrt.base.errors import InputError
from dfsrt.cost.schedule.groups import ONCE, Group, grouped_plan
from dfsrt.cost.schedule.kept import kept_plan
from dfsrt.cost.schedule.lifetimes import Map
from dfsrt.cost.schedule.moved import Moved
from dfsrt.cost.schedule.residency import Level, Levels, most_saved
from dfsrt.cost.schedule.schedule import BUFFER, SYSTEM_SRAM, MemoryPlan
from dfsrt.cost.schedule.work import MemoryWork

RESERVE_BYTES = 128 * 1024
ROUNDS = 8
"""Programs that are solved at most."""


@dataclass(frozen=True)
class Staying:
    """Chooses the whole maps that stay: those of each name in ``maps``, beside what is ``apart``.

    Tiles have ``reserve`` bytes of the buffer at least, or half of it if that is less; with
    ``sram`` the system SRAM takes maps too.

    Raises:
        InputError: ``sram`` on a device without system SRAM.
    """

    work: MemoryWork
    maps: Mapping[str, Map]
    apart: Mapping[str, str]
    moved: Moved
    reserve: int = RESERVE_BYTES
    sram: bool = False

    def __post_init__(self) -> None:
        if self.sram and not self.work.memory.system_sram_bytes:
            raise InputError(
                "sram=true of a schedule needs memory.system_sram_bytes, and this device has none; "
                "leave sram=true out, or set it in the device file"
            )

    def least(self, groups: Sequence[Group] = ()) -> tuple[float, MemoryPlan]:
        """Return the plan that moves the least of those tried, and what it moves.

        The layers of ``groups`` run as such, and maps stay beside them.
        """
        work = self.work
        best = grouped_plan(work, groups, self.maps, kept_plan(work, {}, self.apart))
        least = self.moved_bytes(best)
        maps = self._candidates(groups)
        reserves = [min(self.reserve, work.buffer.total_bytes // 2)] * len(work.layers)
        for group in groups:
            size = group.last + 1 - group.first
            reserves[group.first : group.last + 1] = [group.chip_bytes] * size
        levels: dict[int, tuple[Level, ...]] = {}
        for _ in range(ROUNDS if maps else 0):
            kept = self._most_saved(maps, reserves, levels)
            plan = grouped_plan(work, groups, self.maps, kept_plan(work, kept, self.apart))
            now = self._layer_bytes(plan)
            if sum(now) < least:
                best, least = plan, sum(now)
            lose = {i: self._levels(i, plan, reserves[i]) for i in self._losers(plan, now)}
            if all(levels.get(i) == each for i, each in lose.items()):
                break
            levels |= lose
        return least, best

    def _levels(self, layer: int, plan: MemoryPlan, reserve: int) -> tuple[Level, ...]:
        """Return what tiles of ``layer`` lose in twice the reserve, twice that, and so on."""
        own, total = plan.layers[layer], self.work.buffer.total_bytes
        rooms, room = [reserve], reserve
        while room < total:
            room = min(2 * max(room, 1), total)
            rooms.append(room)
        alone = self.moved.of(layer, replace(own, kept_bytes=0), plan.places)
        levels = [Level(self.work.map_bytes - total, 0.0)]
        for room in reversed(rooms[:-1]):
            beside = replace(own, kept_bytes=total - room)
            lost = self.moved.of(layer, beside, plan.places) - alone
            if lost == levels[-1].lost_bytes:
                levels.pop()
            if lost < inf:
                levels.append(Level(self.work.map_bytes - room, lost))
        return tuple(levels)

    def moved_bytes(self, plan: MemoryPlan) -> float:
        """Return what a plan moves, without end where tiles do not fit."""
        return sum(self._layer_bytes(plan))

    def floor_bytes(self) -> float:
        """Return what moves if all maps stay, in all of the buffer or by rows: none moves less."""
        kept = dict.fromkeys(self._candidates(()), BUFFER)
        plan = _with_whole_buffer(kept_plan(self.work, kept, self.apart))
        by_rows = replace(plan, layers=tuple(replace(own, fetches=ONCE) for own in plan.layers))
        return sum(map(min, self._layer_bytes(plan), self._layer_bytes(by_rows)))

    def _candidates(self, groups: Sequence[Group]) -> list[Map]:
        """Return the maps that would save something, in the order in which they begin."""
        every = {id(each): each for each in self.maps.values() if each.saved_bytes}
        held = (any(group.holds(each) for group in groups) for each in every.values())
        maps = [each for each, inside in zip(every.values(), held, strict=True) if not inside]
        return sorted(maps, key=lambda each: (each.first, each.last, min(each.names)))

    def _most_saved(
        self, maps: Sequence[Map], reserves: Sequence[int], levels: Levels
    ) -> dict[Map, str]:
        """Return the maps that stay and where, with a reserve for tiles at each layer."""
        rooms = [[max(self.work.map_bytes - reserve, 0) for reserve in reserves]]
        if self.sram:
            rooms.append([self.work.memory.system_sram_bytes] * len(reserves))
        pairs = zip(maps, most_saved(maps, rooms, levels), strict=True)
        return {m: (BUFFER, SYSTEM_SRAM)[room] for m, room in pairs if room is not None}

    def _layer_bytes(self, plan: MemoryPlan) -> list[float]:
        return [self.moved.of(i, own, plan.places) for i, own in enumerate(plan.layers)]

    def _losers(self, plan: MemoryPlan, now: Sequence[float]) -> list[int]:
        """Return the layers that would move less if their tiles had all of the buffer."""
        pairs = zip(now, self._layer_bytes(_with_whole_buffer(plan)), strict=True)
        return [i for i, (beside, alone) in enumerate(pairs) if beside > alone]


def _with_whole_buffer(plan: MemoryPlan) -> MemoryPlan:
    """Return a plan whose tiles have all of the buffer, as if maps took no room."""
    return replace(plan, layers=tuple(replace(own, kept_bytes=0) for own in plan.layers))
