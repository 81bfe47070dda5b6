"""Energy of a report: by component, by action, by power domain, and per frame."""

from __future__ import annotations

from dfsrt.base.arrays import Floats
from dfsrt.power.actions import ACTIONS, action_shares
from dfsrt.power.components import COMPONENTS, energy_by_domain
from dfsrt.report.schema import DomainEnergy
from dfsrt.run.book import Book


def domain_energy(component_j: Floats) -> DomainEnergy:
    """Return joules by power domain of joules by component, ``(n_components,)``."""
    return DomainEnergy(**energy_by_domain(by_component(component_j, 0, len(COMPONENTS))))


def by_component(component_j: Floats, first: int, stop: int) -> dict[str, float]:
    """Return components ``first`` to before ``stop`` of joules, ``(n_components,)``, by name."""
    return dict(zip(COMPONENTS[first:stop], component_j[first:stop].tolist(), strict=True))


def switching_by_action(book: Book) -> dict[str, float]:
    """Return the joules of component ``switching`` by what switched; they add up to it."""
    switching_j = book.energy_j[:, COMPONENTS.index("switching")]
    joules = switching_j @ action_shares(book.table)
    return dict(zip(ACTIONS, joules.tolist(), strict=True))


def ratio(amount: float, of: float) -> float | None:
    """Return ``amount`` over ``of``; None where there is nothing to divide by."""
    return amount / of if of > 0 else None
