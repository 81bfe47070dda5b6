"""``performance``, ``powersave`` and ``userspace``: one level, whatever runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from dfsrt.base.plugin import freq_param
from dfsrt.governor.governor import BaseGovernor
from dfsrt.governor.plan import Plan, uniform
from dfsrt.governor.view import View


@dataclass(frozen=True, slots=True)
class Performance(BaseGovernor):
    """The fastest clock, always; the cap is not looked at."""

    name: ClassVar[str] = "performance"
    sees_cap: ClassVar[bool] = False

    def plan(self, view: View) -> Plan:
        """Return the top level for every layer."""
        return uniform(view, view.top)


@dataclass(frozen=True, slots=True)
class Powersave(BaseGovernor):
    """The slowest clock, always; the cap is not looked at."""

    name: ClassVar[str] = "powersave"
    sees_cap: ClassVar[bool] = False

    def plan(self, view: View) -> Plan:
        """Return level 0 for every layer."""
        return uniform(view, 0)


@dataclass(frozen=True, slots=True)
class Userspace(BaseGovernor):
    """The clock that the user sets: the slowest point at or above ``freq``; the top without."""

    name: ClassVar[str] = "userspace"
    sees_cap: ClassVar[bool] = False
    freq: int | None = freq_param("clock to hold; snaps up to an operating point")

    def plan(self, view: View) -> Plan:
        """Return the level of ``freq`` for every layer."""
        if self.freq is None:
            return uniform(view, view.top)
        return uniform(view, view.level_at_least(self.freq))
