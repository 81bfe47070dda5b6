"""What is minimised: energy and time at a price, for one price or many at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dfsrt.base.arrays import Floats, Ints, Singles
from dfsrt.governor.optimum.space import Space

TIE_NS = 0.4
"""Times are whole nanoseconds, so less than half of one never outweighs a shorter time."""


@dataclass(frozen=True, slots=True)
class Goals:
    """Costs: ``joules`` a nanojoule, ``time`` a nanosecond, ``over`` a layer that breaks the cap.

    Each is ``(n_goals,)``. What breaks the cap costs so much that no number of layers makes up
    for it.
    """

    joules: Floats
    time: Floats
    over: Floats

    def __len__(self) -> int:
        return len(self.time)

    def of(self, joules: Floats, time_ns: Floats, over: Floats | Singles) -> Floats:
        """Return the costs of runs, a new first axis of goals before theirs.

        ``over`` is infinite for a run that may not be.
        """
        shape = (len(self), *(1,) * np.broadcast(joules, time_ns, over).ndim)
        cost = self.joules.reshape(shape) * joules
        cost = cost + self.time.reshape(shape) * time_ns
        cost += self.over.reshape(shape) * over
        return np.asarray(cost)

    def some(self, which: Ints) -> Goals:
        """Return some of them."""
        return Goals(self.joules[which], self.time[which], self.over[which])


def priced(space: Space, prices_w: Floats) -> Goals:
    """Return energy + ``prices_w`` · time, ``(n_goals,)``; an infinite price is time alone, in ns.

    A price below 0 is what idle time would draw instead.

    Energy decides between equal times: it adds less than ``TIE_NS`` to any frame.
    """
    prices = np.asarray(prices_w, dtype=np.float64)
    alone = np.isinf(prices)
    most_ns, most_nj = float(space.most_ns.sum()), space.most_nj
    joules = np.where(alone, TIE_NS / max(most_nj, 1e-300), 1e-9)
    time = np.where(alone, 1.0, np.where(alone, 0.0, prices) * 1e-9)
    return Goals(joules, time, 4.0 * (joules * most_nj + np.abs(time) * most_ns) + 1e-300)
