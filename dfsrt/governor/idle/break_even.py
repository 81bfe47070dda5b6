"""``break-even``: each state when it begins to pay."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from dfsrt.governor.idle.builtin import BuiltInIdle
from dfsrt.governor.idle.rule import BREAK_EVEN


@dataclass(frozen=True, slots=True)
class BreakEven(BuiltInIdle):
    """Each state once the NPU has been idle for as long as it takes to pay."""

    name: ClassVar[str] = "break-even"
    kind: ClassVar[int] = BREAK_EVEN
