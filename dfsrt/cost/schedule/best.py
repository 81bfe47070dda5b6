"""Best: the least bytes of all schedules, and of what they do together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import ClassVar

from dfsrt.base.errors import InputError
from dfsrt.cost.schedule.chain import Chain
from dfsrt.cost.schedule.depth_first import Groups
from dfsrt.cost.schedule.groups import Group, by_name, grouped_plan
from dfsrt.cost.schedule.kept import handed_plan
from dfsrt.cost.schedule.layerwise import resident_places
from dfsrt.cost.schedule.lifetimes import Map, maps_of
from dfsrt.cost.schedule.moved import Moved
from dfsrt.cost.schedule.schedule import MemoryPlan
from dfsrt.cost.schedule.staying import Staying
from dfsrt.cost.schedule.work import MemoryWork

SMALLEST, LARGEST = 64 * 1024, 4096 * 1024
"""Bytes that groups may have beside maps that stay: from so many, doubled, to so many."""


@dataclass(frozen=True)
class Best:
    """Take the schedule that moves the least: each of ours, and what they do together.

    Together: cuts between layers alone, maps handed on, groups by rows, by parts and by blocks of
    queries, all in one choice; and whole maps that stay beside such groups, which are
    cut as in a buffer of 64 KiB, of 128 KiB, and so on up to 4 MiB.

    Limits: groups are chosen before the maps that stay beside them, so not the least of all plans.
    """

    name: ClassVar[str] = "best"
    online: bool = field(
        default=False, metadata={"help": "build up the softmax of an attention block by block"}
    )
    sram: bool = field(default=False, metadata={"help": "let maps lie in the system SRAM, too"})

    def plan(self, work: MemoryWork) -> MemoryPlan:
        """Return the plan that moves the least.

        Raises:
            InputError: ``sram`` on a device without system SRAM.
        """
        return min(self._plans(work), key=lambda each: each[0])[1]

    def _plans(self, work: MemoryWork) -> Iterator[tuple[float, MemoryPlan]]:
        apart = resident_places(work)
        maps, moved = by_name(maps_of(work), apart), Moved(work, apart)
        staying = Staying(work, maps, apart, moved, sram=self.sram)
        resident = staying.least()
        yield resident
        if resident[0] <= staying.floor_bytes():
            return
        links, groups = self._cuts(work, maps, moved)
        plan = grouped_plan(work, groups, maps, handed_plan(work, links, apart))
        yield staying.moved_bytes(plan), plan
        for size in _sizes(work.buffer.total_bytes):
            small = replace(work, buffer=work.buffer.left(work.buffer.total_bytes - size))
            with suppress(InputError):  # too small for tiles alone
                yield staying.least(self._cuts(small, maps, Moved(small, apart))[1])

    def _cuts(
        self, work: MemoryWork, maps: Mapping[str, Map], moved: Moved
    ) -> tuple[list[Map], list[Group]]:
        """Return the maps handed on and the groups of the cuts that move the least."""
        size = work.buffer.total_bytes
        every = Groups(work, maps, moved, size, self.online).every()
        return Chain(work, maps, moved, size).least(every)


def _sizes(buffer_bytes: int) -> Iterator[int]:
    """Yield the parts of a buffer that groups may have, the same of any buffer that holds them."""
    size = SMALLEST
    while size < min(buffer_bytes, LARGEST + 1):
        yield size
        size *= 2
