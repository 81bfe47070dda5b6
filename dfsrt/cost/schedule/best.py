"""Best: the least bytes of all schedules, and of what they do together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar

from dfsrt.cost.schedule.chain import Chain
from dfsrt.cost.schedule.depth_first import Groups
from dfsrt.cost.schedule.groups import by_name, grouped_plan
from dfsrt.cost.schedule.kept import handed_plan
from dfsrt.cost.schedule.layerwise import resident_places
from dfsrt.cost.schedule.lifetimes import maps_of
from dfsrt.cost.schedule.moved import Moved
from dfsrt.cost.schedule.schedule import MemoryPlan
from dfsrt.cost.schedule.staying import Staying
from dfsrt.cost.schedule.work import MemoryWork

SHARES = (1, 2, 4)
"""Groups get the buffer divided by one of these."""


@dataclass(frozen=True)
class Best:
    """Take the schedule that moves the least: each of ours, and what they do together.

    Together: cuts between layers alone, maps handed on, groups by rows, by parts and by blocks of
    queries, all in one choice; and whole maps that stay beside such groups, which then have all,
    a half or a quarter of the buffer.

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
        for share in SHARES:
            chip_bytes = work.buffer.total_bytes // share
            every = Groups(work, maps, moved, chip_bytes, self.online).every()
            links, groups = Chain(work, maps, moved, chip_bytes).least(every)
            plan = grouped_plan(work, groups, maps, handed_plan(work, links, apart))
            yield staying.moved_bytes(plan), plan
            yield staying.least(groups)
