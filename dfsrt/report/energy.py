"""Energy of a report: by component, by power domain, and per frame."""

from __future__ import annotations

from dfsrt.base.arrays import Floats
from dfsrt.power.components import COMPONENTS, energy_by_domain
from dfsrt.report.schema import DomainEnergy


def domain_energy(component_j: Floats) -> DomainEnergy:
    """Return joules by power domain of joules by component, ``(n_components,)``."""
    return DomainEnergy(**energy_by_domain(by_component(component_j, 0, len(COMPONENTS))))


def by_component(component_j: Floats, first: int, stop: int) -> dict[str, float]:
    """Return components ``first`` to before ``stop`` of joules, ``(n_components,)``, by name."""
    return dict(zip(COMPONENTS[first:stop], component_j[first:stop].tolist(), strict=True))


def ratio(amount: float, of: float) -> float | None:
    """Return ``amount`` over ``of``; None where there is nothing to divide by."""
    return amount / of if of > 0 else None
