"""The memory held at each of its points: searches of one clock alone, beside that of both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

import numpy as np

from dfsrt.governor.joint import at_point
from dfsrt.governor.optimum.budget import Budget
from dfsrt.governor.optimum.plans import Plans
from dfsrt.governor.optimum.solution import Solution
from dfsrt.governor.optimum.terms import Terms
from dfsrt.governor.plan import Plan
from dfsrt.governor.view import View


class Held(Protocol):
    """A search with the memory at one point, as of ``Tradeoff``."""

    def ask(self, tolerance: float, budget: Budget, exact_time: bool) -> None:
        """Take another tolerance and a budget of its own for what is still to be found."""

    @property
    def least_time(self) -> Solution:
        """The plan of least time."""

    def at_price(self, price_w: float) -> Solution:
        """Return the plan of least energy + ``price_w`` · time."""

    def least_energy(self, deadline_ns: float | None = None) -> Solution:
        """Return the plan of least energy in a time."""

    def least(self, power: int, deadline_ns: float | None = None) -> Solution:
        """Return the plan of least E · T ** ``power`` in a time."""


Ask = Callable[[Held], Solution]
"""Asks one search for a plan."""


class Points:
    """Searches of a joint view at each memory point, made when they are needed.

    What they find the search of both knows, too: it is never worse. Where frames are too short
    for two changes of the memory's clock, which any frame that changes it needs, that is all.
    """

    def __init__(
        self, view: View, plans: Plans, terms: Terms, make: Callable[[View, float, Budget], Held]
    ) -> None:
        self._view, self._plans, self._terms, self._make = view, plans, terms, make
        self._held: list[Held] = []

    def enough(self, time_ns: float) -> bool:
        """Whether no frame of that time, or less, can change the memory's clock and back.

        And each layer can keep the cap at each point, so that all count alike what breaks it.
        """
        view, memory = self._view, self._view.memory
        if not view.joint or memory is None:
            return False
        if max(time_ns, view.period_ns or 0) >= 2 * memory.delay_ns:
            return False
        fits = view.fits().any(axis=2).reshape(view.n_layers, view.n_memory, view.n_core)
        return bool(fits.any(axis=2).all())

    def best(self, what: Ask) -> Solution:
        """Return the best of what the searches find at each point, as a plan of both clocks."""
        solutions = self.ask(what)
        best = min(solutions, key=lambda solution: solution.goal)
        return replace(best, bound=min(best.goal, *(solution.bound for solution in solutions)))

    def ask(self, what: Ask) -> list[Solution]:
        """Return what the searches find at each point, and let the search of both know it."""
        terms = self._terms
        if not self._held:
            views = [at_point(self._view, point) for point in range(self._view.n_memory)]
            self._held = [self._make(view, terms.tolerance, terms.budget) for view in views]
        solutions = []
        for point, held in enumerate(self._held):
            held.ask(terms.tolerance, terms.budget, terms.exact_time)
            solution, count = what(held), self._view.n_core
            plan = Plan(np.asarray(solution.plan.level) + point * count, solution.plan.rail_uv)
            self._plans.take(plan)
            solutions.append(replace(solution, plan=plan))
        return solutions
