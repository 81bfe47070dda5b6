"""``app-dvfs``: one voltage and clock for the whole network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from dfsrt.base.plugin import freq_param
from dfsrt.governor.governor import BaseGovernor
from dfsrt.governor.plan import Plan, uniform
from dfsrt.governor.view import View


@dataclass(frozen=True, slots=True)
class AppDvfs(BaseGovernor):
    """The fastest level at which even the hungriest layer is within the cap.

    Source: a reading of the baseline of Chung et al., ETRI J. 44(5), 2022; the abstract does
    not say how it works.
    """

    name: ClassVar[str] = "app-dvfs"
    freq: int | None = freq_param("never go above this clock, whatever the cap allows")

    def plan(self, view: View) -> Plan:
        """Return that one level, at its own voltage, for every layer."""
        level = int(np.flatnonzero(view.own_fits().all(axis=0)).max(initial=0))
        if self.freq is not None:
            level = min(level, view.level_at_most(self.freq))
        return uniform(view, level)
