"""``oracle``: the least energy, by knowing when the next request comes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from dfsrt.governor.idle.builtin import BuiltInIdle
from dfsrt.governor.idle.rule import ORACLE
from dfsrt.governor.idle.rules.ways import SIZE


@dataclass(frozen=True, slots=True)
class Oracle(BuiltInIdle):
    """The least energy by knowing when the next requests come; what others are measured by."""

    name: ClassVar[str] = "oracle"
    kind: ClassVar[int] = ORACLE
    sees_next: ClassVar[bool] = True

    def memory(self, states: int) -> tuple[int, ...]:
        """Return that no further gap is known, and room for the ways through those."""
        return (0,) * SIZE
