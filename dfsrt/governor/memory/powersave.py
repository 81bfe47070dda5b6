"""``powersave``: the memory at its slowest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from dfsrt.governor.memory.governor import BaseMemoryGovernor, BusView


@dataclass(frozen=True, slots=True)
class MemoryPowersave(BaseMemoryGovernor):
    """The lowest clock of the memory, always."""

    name: ClassVar[str] = "powersave"

    def choose(self, view: BusView) -> int:
        """Return the slowest point."""
        return 0
