"""``performance``: the memory at its fastest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from dfsrt.governor.memory.governor import BaseMemoryGovernor, BusView


@dataclass(frozen=True, slots=True)
class MemoryPerformance(BaseMemoryGovernor):
    """The highest clock of the memory, always."""

    name: ClassVar[str] = "performance"

    def choose(self, view: BusView) -> int:
        """Return the fastest point."""
        return view.top
