"""``menu``: the state that pays in the length that the next timer and habit predict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from dfsrt.base.plugin import optional_time_param
from dfsrt.governor.idle.builtin import BuiltInIdle
from dfsrt.governor.idle.rule import MENU
from dfsrt.governor.idle.rules.menu import DECADES, HABIT, ONE


@dataclass(frozen=True, slots=True)
class Menu(BuiltInIdle):
    """Linux's menu: the state for the length that the next timer and the last stretches predict."""

    name: ClassVar[str] = "menu"
    kind: ClassVar[int] = MENU
    tick: int | None = optional_time_param("when to look again at a stretch that goes on")

    def params(self) -> tuple[int, ...]:
        """Return the tick in nanoseconds, 0 for none."""
        return (self.tick or 0,)

    def memory(self, states: int) -> tuple[int, ...]:
        """Return factors of 1, and no stretch."""
        return (ONE,) * DECADES + (0,) * (1 + HABIT)
