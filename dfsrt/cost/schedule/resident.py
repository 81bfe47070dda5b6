"""Resident: whole maps stay on chip from their producer to their last reader."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from dfsrt.base.plugin import bytes_param
from dfsrt.cost.schedule.groups import by_name
from dfsrt.cost.schedule.layerwise import resident_places
from dfsrt.cost.schedule.lifetimes import maps_of
from dfsrt.cost.schedule.moved import Moved
from dfsrt.cost.schedule.schedule import MemoryPlan
from dfsrt.cost.schedule.staying import RESERVE_BYTES, Staying
from dfsrt.cost.schedule.work import MemoryWork


@dataclass(frozen=True)
class Resident:
    """Keep on chip, from producer to last reader, those whole maps that save the most.

    An integer program, solved exactly: at each layer the maps that stay, its own inputs and outputs
    among them, leave a reserve for its tiles. Where a layer moves more with tiles in what is left
    than in all of the buffer, what it loses in twice the reserve, four times and so on is weighed
    against what maps save, and the program solved anew. Of these plans and layer by layer the one
    that moves the least is taken. Of a buffer of less than twice the reserve, half is the reserve.
    What memory apart from the buffer holds layer by layer (``memory.resident_bytes``) it holds here
    too.

    Limits: the caller's inputs are read once, its outputs written. With several cores in use maps
    lie in the buffers of all, and tiles in one: that cores which share a layer need tiles each is
    not counted. At most 8 programs are solved.
    """

    name: ClassVar[str] = "resident"
    reserve: int = bytes_param("bytes of the buffer that tiles have at least", RESERVE_BYTES)
    sram: bool = field(default=False, metadata={"help": "let maps lie in the system SRAM, too"})

    def plan(self, work: MemoryWork) -> MemoryPlan:
        """Return the plan that moves the least of those that were tried.

        Raises:
            InputError: ``sram`` on a device without system SRAM.
        """
        apart = resident_places(work)
        maps = by_name(maps_of(work), apart)
        _, plan = Staying(work, maps, apart, Moved(work, apart), self.reserve, self.sram).least()
        return plan
