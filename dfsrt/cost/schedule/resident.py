"""Resident: whole maps stay on chip from their producer to their last reader."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar

from dfsrt.base.errors import InputError
from dfsrt.base.plugin import bytes_param
from dfsrt.cost.schedule.kept import kept_plan
from dfsrt.cost.schedule.layerwise import resident_places
from dfsrt.cost.schedule.lifetimes import Map, maps_of
from dfsrt.cost.schedule.moved import Moved
from dfsrt.cost.schedule.residency import most_saved
from dfsrt.cost.schedule.schedule import BUFFER, SYSTEM_SRAM, MemoryPlan
from dfsrt.cost.schedule.work import MemoryWork

RESERVE_BYTES = 128 * 1024
ROUNDS = 12
"""Programs that are solved at most."""


@dataclass(frozen=True)
class Resident:
    """Keep on chip, from producer to last reader, those whole maps that save the most.

    An integer program, solved exactly: at each layer the maps that stay, its own inputs and outputs
    among them, leave a reserve for its tiles. Where a layer moves more with tiles in what is left
    than in all of the buffer, its reserve is doubled and the program solved anew, until none does.
    Of these plans and layer by layer the one that moves the least is taken. Of a buffer of less
    than twice the reserve, half is the reserve. What memory apart from the buffer holds layer by
    layer (``memory.resident_bytes``) it holds here too.

    Limits: the caller's inputs are read once, its outputs written. With several cores in use maps
    lie in the buffers of all, and tiles in one: that cores which share a layer need tiles each is
    not counted. At most ``ROUNDS`` programs are solved.
    """

    name: ClassVar[str] = "resident"
    reserve: int = bytes_param("bytes of the buffer that tiles have at least", RESERVE_BYTES)
    sram: bool = field(default=False, metadata={"help": "let maps lie in the system SRAM, too"})

    def plan(self, work: MemoryWork) -> MemoryPlan:
        """Return the plan that moves the least of those that were tried.

        Raises:
            InputError: ``sram`` on a device without system SRAM.
        """
        if self.sram and not work.memory.system_sram_bytes:
            raise InputError(
                "schedule resident:sram=true needs memory.system_sram_bytes, and this device has "
                "none; leave sram=true out, or set it in the device file"
            )
        apart, moved = resident_places(work), Moved(work)
        maps = [m for m in maps_of(work) if m.saved_bytes and m.names.isdisjoint(apart)]
        best = kept_plan(work, {}, apart)
        least = sum(_layer_bytes(moved, best))
        reserves = [min(self.reserve, work.buffer.total_bytes // 2)] * len(work.layers)
        for _ in range(ROUNDS if maps else 0):
            plan = kept_plan(work, self._most_saved(work, maps, reserves), apart)
            now = _layer_bytes(moved, plan)
            if sum(now) < least:
                best, least = plan, sum(now)
            losers = _losers(moved, plan, now)
            if not losers:
                break
            for layer in losers:
                reserves[layer] = 2 * max(reserves[layer], 1)
        return best

    def _most_saved(
        self, work: MemoryWork, maps: Sequence[Map], reserves: Sequence[int]
    ) -> dict[Map, str]:
        """Return the maps that stay and where, with a reserve for tiles at each layer."""
        rooms = [[max(work.map_bytes - reserve, 0) for reserve in reserves]]
        if self.sram:
            rooms.append([work.memory.system_sram_bytes] * len(reserves))
        pairs = zip(maps, most_saved(maps, rooms), strict=True)
        return {m: (BUFFER, SYSTEM_SRAM)[room] for m, room in pairs if room is not None}


def _layer_bytes(moved: Moved, plan: MemoryPlan) -> list[float]:
    """Return the bytes of each layer, without end where its tiles do not fit, ``(n_layers,)``."""
    return [moved.of(i, own, plan.places) for i, own in enumerate(plan.layers)]


def _losers(moved: Moved, plan: MemoryPlan, now: Sequence[float]) -> list[int]:
    """Return the layers that would move less if their tiles had all of the buffer."""
    free = replace(plan, layers=tuple(replace(own, kept_bytes=0) for own in plan.layers))
    pairs = zip(now, _layer_bytes(moved, free), strict=True)
    return [i for i, (beside, alone) in enumerate(pairs) if beside > alone]
