"""Adaptive: between neighbours a map stays whole, or in equal parts, or goes to DRAM."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Literal

from dfsrt.cost.schedule.chain import Chain
from dfsrt.cost.schedule.groups import by_name, grouped_plan
from dfsrt.cost.schedule.kept import handed_plan
from dfsrt.cost.schedule.layerwise import resident_places
from dfsrt.cost.schedule.lifetimes import maps_of
from dfsrt.cost.schedule.moved import Moved
from dfsrt.cost.schedule.schedule import MemoryPlan
from dfsrt.cost.schedule.work import MemoryWork


@dataclass(frozen=True)
class Adaptive:
    """Hand maps from a layer to the next on chip: whole, or cut in as many parts as it is made in.

    A map that the next layer does not take in the same equal parts goes to DRAM. Whole maps leave
    each layer to be tiled in what is left; layers that hand parts on run part by part, and what
    their products multiply by streams through once a part where it does not stay. All cuts
    of the network and numbers of parts are compared, and the fewest bytes taken. A map with
    further readers is written, and the next one still finds it on chip.

    Source: after Zheng et al., which is known by its abstract; the equations are memory.md 4's.
    Limits: parts are rows, of one number in a chain, a power of two; a chain that runs part by part
    has 32 layers at most.
    """

    name: ClassVar[str] = "adaptive"
    parts: Literal[64, 32, 16, 8, 4, 2, 1] = field(
        default=64,
        metadata={"help": "parts that a map is cut into at most; 1 for whole maps alone"},
    )

    def plan(self, work: MemoryWork) -> MemoryPlan:
        """Return the plan whose cuts move the least."""
        apart = resident_places(work)
        maps, chip_bytes = by_name(maps_of(work), apart), work.buffer.total_bytes
        links, groups = Chain(work, maps, Moved(work, apart), chip_bytes, self.parts).least()
        return grouped_plan(work, groups, maps, handed_plan(work, links, apart))
