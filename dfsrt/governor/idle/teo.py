"""``teo``: the state for the next timer, unless stretches mostly end before it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from dfsrt.base.plugin import optional_time_param
from dfsrt.governor.idle.builtin import BuiltInIdle
from dfsrt.governor.idle.rule import TEO
from dfsrt.governor.idle.rules.teo import HIT, RECENT


@dataclass(frozen=True, slots=True)
class Teo(BuiltInIdle):
    """Linux's teo: the state for the next timer, or a shallower one where stretches end before."""

    name: ClassVar[str] = "teo"
    kind: ClassVar[int] = TEO
    tick: int | None = optional_time_param("when to look again at a stretch that goes on")

    def params(self) -> tuple[int, ...]:
        """Return the tick in nanoseconds, 0 for none."""
        return (self.tick or 0,)

    def memory(self, states: int) -> tuple[int, ...]:
        """Return no hits and no intercepts in any bin, no stretch, and no early end of late."""
        bins = states + 1
        return (0,) * (2 * bins + 1) + (HIT,) * RECENT
