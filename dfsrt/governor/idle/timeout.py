"""``timeout``: the deepest state after a fixed time, as runtime power management does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from dfsrt.base.plugin.params import show_time
from dfsrt.governor.idle.builtin import BuiltInIdle
from dfsrt.governor.idle.delays import delay_param
from dfsrt.governor.idle.rule import NEVER_NS, TIMEOUT


@dataclass(frozen=True, slots=True)
class Timeout(BuiltInIdle):
    """The deepest state once nothing has been done for a time, or as long as a driver waits."""

    name: ClassVar[str] = "timeout"
    kind: ClassVar[int] = TIMEOUT
    after: int = delay_param("time without work, or a driver's name", 50_000_000)

    @property
    def label(self) -> str:
        """Its name and its time, as they are typed."""
        return f"{self.name}={show_time(self.after)}"

    def params(self) -> tuple[int, ...]:
        """Return the time in nanoseconds."""
        return (min(self.after, NEVER_NS),)
