"""Where energy goes: the named components, in one order, and the power domain of each.

A new component is an entry of ``_COMPONENTS`` and a term of ``split``; everything that adds up,
stores or shows energy takes the names from here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from dfsrt.base.arrays import Floats
from dfsrt.device import rules
from dfsrt.device.npu import Domain

Energy = TypeVar("Energy", float, Floats)
"""Joules or watts: one number, or an array of any shape."""


@dataclass(frozen=True, slots=True)
class Component:
    """A part of the energy; ``domain`` is the narrowest power domain that holds it."""

    name: str
    domain: Domain


_COMPONENTS = (
    Component("switching", Domain.NPU),
    Component("clock", Domain.NPU),
    Component("leakage", Domain.NPU),
    Component("regulator_loss", Domain.NPU),
    Component("dram", Domain.NPU_DRAM),
    Component("uncore", Domain.SYSTEM),
)
"""From the narrowest domain to the widest, so that each domain holds the first ones."""

COMPONENTS = tuple(component.name for component in _COMPONENTS)
"""Names of the components; an axis ``n_components`` is in this order."""

IN_DOMAIN = {
    domain: sum(component.domain in tuple(Domain)[: place + 1] for component in _COMPONENTS)
    for place, domain in enumerate(Domain)
}
"""How many of ``COMPONENTS`` each domain holds."""

OWN_PART = {Domain.NPU: "npu", Domain.NPU_DRAM: "dram", Domain.SYSTEM: "uncore"}
"""What a report calls the part that each domain adds to the one before it."""


def split(
    switching: Energy,
    clock: Energy,
    leakage: Energy,
    dram: Energy,
    uncore: Energy,
    efficiency: float,
) -> tuple[Energy, Energy, Energy, Energy, Energy, Energy]:
    """Return energy by component, in the order of ``COMPONENTS``, numbers or arrays of any shape.

    The regulator loses what its efficiency says of all that flows through it.
    """
    loss = rules.regulator_loss_w(switching + clock + leakage, efficiency)
    return switching, clock, leakage, loss, dram, uncore


def energy_by_domain(by_component: Mapping[str, float]) -> dict[str, float]:
    """Return joules of the NPU's rail, of what each wider domain adds to it, and of all.

    Keys are ``npu``, ``dram``, ``uncore`` and ``total``; ``by_component`` has every component.

    Raises:
        KeyError: a component is missing.
    """
    own: dict[str, list[float]] = {part: [] for part in OWN_PART.values()}
    for component in _COMPONENTS:
        own[OWN_PART[component.domain]].append(by_component[component.name])
    total = math.fsum(joules for part in own.values() for joules in part)
    return {**{part: math.fsum(joules) for part, joules in own.items()}, "total": total}
