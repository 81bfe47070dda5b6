"""What our idle governors have in common: a rule that the loop knows."""

from __future__ import annotations

from typing import ClassVar

from dfsrt.governor.idle.rule import NONE


class BuiltInIdle:
    """A governor whose choices the loop makes itself, by the rule of its ``kind``."""

    name: ClassVar[str] = ""
    kind: ClassVar[int] = NONE
    memory_size: ClassVar[int] = 0

    def params(self) -> tuple[int, ...]:
        """Return the rule's own whole numbers."""
        return ()
