"""``ladder``: a state deeper after four long stretches, a shallower one after a short one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from dfsrt.governor.idle.builtin import BuiltInIdle
from dfsrt.governor.idle.rule import LADDER, STAY


@dataclass(frozen=True, slots=True)
class Ladder(BuiltInIdle):
    """Linux's ladder: a state deeper after four long stretches, shallower after a short one."""

    name: ClassVar[str] = "ladder"
    kind: ClassVar[int] = LADDER

    def memory(self, states: int) -> tuple[int, ...]:
        """Return the step that one stands on at first, up, and no long stretch."""
        return STAY, 0
