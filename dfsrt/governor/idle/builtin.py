"""What our idle governors have in common: a rule that the loop knows."""

from __future__ import annotations

from typing import ClassVar

from dfsrt.governor.idle.governor import IdleView, Sleep
from dfsrt.governor.idle.replay import choice
from dfsrt.governor.idle.rule import NONE


class BuiltInIdle:
    """A governor whose choices the loop makes itself, by the rule of its ``kind``."""

    name: ClassVar[str] = ""
    kind: ClassVar[int] = NONE
    sees_next: ClassVar[bool] = False

    def params(self) -> tuple[int, ...]:
        """Return the rule's own whole numbers."""
        return ()

    def memory(self, states: int) -> tuple[int, ...]:
        """Return what the rule remembers before anything has happened, on so many ``states``."""
        return ()

    def choose(self, view: IdleView) -> Sleep:
        """Return what the loop's rule says, after the stretches that the view remembers."""
        return choice(self.kind, self.params(), self.memory(len(view.power_w)), view)
