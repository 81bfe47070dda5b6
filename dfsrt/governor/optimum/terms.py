"""On what terms a search goes on: how near is near enough, and what it may use."""

from __future__ import annotations

from dataclasses import dataclass

from dfsrt.governor.optimum.budget import Budget

SURE_NS = 300_000_000
"""For so much work nothing but certainty ends the search for least time; then tolerance will."""
SAME = 1e-10
"""Sums that differ by less than this share are the same: they are made in another order."""
TIME = float("inf")
"""The price at which time alone counts."""


@dataclass(slots=True)
class Terms:
    """A ``tolerance``, as a share, at which searches stop, and a ``budget``; both may change.

    Least time is searched until it is certain, or for some time, unless ``exact_time`` is False.
    """

    tolerance: float
    budget: Budget
    exact_time: bool = True

    def at_price(self, price: float) -> float:
        """The gap at which a price needs no more, as a share."""
        if price == TIME:
            sure = self.exact_time and self.budget.used_ns <= SURE_NS
            return 0.0 if sure else self.tolerance
        return self.tolerance / 2

    @property
    def thrifty(self) -> bool:
        """Whether what is left of the budget is better spent on what else will be asked for."""
        return not self.exact_time and self.budget.used_ns > self.budget.time_ns / 4

    @property
    def in_time(self) -> float:
        """The gap at which a deadline needs no more, as a share."""
        return max(self.tolerance, SAME)
