"""Energy of a report: by component, by action, by power domain, and per frame."""

from __future__ import annotations

import numpy as np

from dfsrt.base.arrays import Floats
from dfsrt.base.errors import DeviceError
from dfsrt.power.actions import ACTIONS, action_shares
from dfsrt.power.components import COMPONENTS, energy_by_domain
from dfsrt.report.schema import DomainEnergy
from dfsrt.run.book import Book

ROUNDING = 1e-9
"""Share of all energy that sums may be wrong by."""


def check_energies(component_j: Floats, device: str) -> None:
    """Check that joules ``(n_components,)`` are joules: finite, and none below nothing.

    Raises:
        DeviceError: one is not: numbers of the device are beyond what can be reckoned with.
    """
    finite = np.isfinite(component_j)
    least = -ROUNDING * float(np.abs(component_j[finite]).sum())
    wrong = ~finite | (component_j < least)
    if wrong.any():
        which = int(np.argmax(wrong))
        raise DeviceError(
            f"device '{device}': energy of {COMPONENTS[which]} comes to {component_j[which]:g} J, "
            "which is no energy; correct the numbers of its file"
        )


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
