"""``dvfs``: naive per-layer voltage and clock, to show what a slow rail costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from dfsrt.governor.governor import BaseGovernor
from dfsrt.governor.plan import Plan, highest_that_fits, lowest_of_equal_time
from dfsrt.governor.view import View


@dataclass(frozen=True, slots=True)
class Dvfs(BaseGovernor):
    """The fastest level under the cap for each layer, each at its own voltage.

    It plans as if the rail moved in no time. Layers that start before the rail has climbed
    run at the old clock.
    """

    name: ClassVar[str] = "dvfs"

    def plan(self, view: View) -> Plan:
        """Return each layer's best level and that level's own voltage."""
        level = lowest_of_equal_time(view.duration_ns, highest_that_fits(view.own_fits()))
        return Plan(level, view.rails_uv[level])
