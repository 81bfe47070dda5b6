"""``timeout``: the deepest state after a fixed time, as runtime power management does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from dfsrt.base.plugin import time_param
from dfsrt.governor.idle.builtin import BuiltInIdle
from dfsrt.governor.idle.governor import IdleView, Sleep
from dfsrt.governor.idle.rule import TIMEOUT


@dataclass(frozen=True, slots=True)
class Timeout(BuiltInIdle):
    """The deepest state once nothing has been done for ``after``."""

    name: ClassVar[str] = "timeout"
    kind: ClassVar[int] = TIMEOUT
    after: int = time_param("time without work after which it sleeps", 50_000_000)

    def params(self) -> tuple[int, ...]:
        """Return the time in nanoseconds."""
        return (self.after,)

    def choose(self, view: IdleView) -> Sleep:
        """Return the deepest state, unless it has been entered."""
        deepest = len(view.power_w) - 1
        return Sleep() if view.state == deepest else Sleep(deepest, self.after)
