"""``dvfs``: naive per-layer voltage and clock, to show what a slow rail costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from dfsrt.governor.governor import BaseGovernor
from dfsrt.governor.plan import Plan, highest_that_fits, lowest_of_equal_time
from dfsrt.governor.view import View
from dfsrt.governor.worth import worth_changing


@dataclass(frozen=True, slots=True)
class Dvfs(BaseGovernor):
    """The fastest level under the cap for each layer, each at its own voltage.

    It plans as if the rail moved in no time. Layers that start before the rail has climbed
    run at the old clock. No clock changes where the stalls cost more than the change gains.
    """

    name: ClassVar[str] = "dvfs"

    def plan(self, view: View) -> Plan:
        """Return each layer's best level and that level's own voltage."""
        fits = view.own_fits()
        level = lowest_of_equal_time(view.duration_ns, highest_that_fits(fits))
        level = worth_changing(view, level, fits, view.own_npu_w())
        return Plan(level, view.rails_uv[level])
