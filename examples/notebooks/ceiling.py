"""A governor of one's own: the one that ``own_governor.py`` writes, checks, compares and tunes."""

from dataclasses import dataclass

import numpy as np

import dfsrt


@dataclass(frozen=True)
class Ceiling:
    """The fastest clock under the cap for each layer, none above a share of the levels.

    share: of the levels, from the slowest on
    """

    share: float = 1.0

    def plan(self, view: dfsrt.View) -> dfsrt.Plan:
        """Return a level and a voltage for each layer."""
        fits = view.own_fits()  # (n_layers, n_levels): what the cap lets a layer have
        fits[:, int(self.share * view.top) + 1 :] = False
        level = np.array([np.flatnonzero(layer).max(initial=0) for layer in fits])
        return dfsrt.Plan(level, view.rails_uv[level])
