"""Whole maps that stay beside groups and tiles, and the plan that they make."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from dfsrt.base.errors import InputError
from dfsrt.cost.schedule.groups import Group, grouped_plan
from dfsrt.cost.schedule.kept import kept_plan
from dfsrt.cost.schedule.lifetimes import Map
from dfsrt.cost.schedule.moved import Moved
from dfsrt.cost.schedule.residency import most_saved
from dfsrt.cost.schedule.schedule import BUFFER, SYSTEM_SRAM, MemoryPlan
from dfsrt.cost.schedule.work import MemoryWork

RESERVE_BYTES = 128 * 1024
ROUNDS = 12
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
        for _ in range(ROUNDS if maps else 0):
            kept = self._most_saved(maps, reserves)
            plan = grouped_plan(work, groups, self.maps, kept_plan(work, kept, self.apart))
            now = self._layer_bytes(plan)
            if sum(now) < least:
                best, least = plan, sum(now)
            losers = self._losers(plan, now)
            if not losers:
                break
            for layer in losers:
                reserves[layer] = 2 * max(reserves[layer], 1)
        return least, best

    def moved_bytes(self, plan: MemoryPlan) -> float:
        """Return what a plan moves, without end where tiles do not fit."""
        return sum(self._layer_bytes(plan))

    def floor_bytes(self) -> float:
        """Return what moves if all maps stay and all tiles fit: no plan moves less."""
        kept = dict.fromkeys(self._candidates(()), BUFFER)
        plan = kept_plan(self.work, kept, self.apart)
        return self.moved_bytes(_with_whole_buffer(plan))

    def _candidates(self, groups: Sequence[Group]) -> list[Map]:
        """Return the maps that would save something, in the order in which they begin."""
        every = {id(each): each for each in self.maps.values() if each.saved_bytes}
        held = (any(group.holds(each) for group in groups) for each in every.values())
        maps = [each for each, inside in zip(every.values(), held, strict=True) if not inside]
        return sorted(maps, key=lambda each: (each.first, each.last, min(each.names)))

    def _most_saved(self, maps: Sequence[Map], reserves: Sequence[int]) -> dict[Map, str]:
        """Return the maps that stay and where, with a reserve for tiles at each layer."""
        rooms = [[max(self.work.map_bytes - reserve, 0) for reserve in reserves]]
        if self.sram:
            rooms.append([self.work.memory.system_sram_bytes] * len(reserves))
        pairs = zip(maps, most_saved(maps, rooms), strict=True)
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
