"""Where energy goes: the named components, in one order, and the power domain of each.

A new component is an entry of ``_COMPONENTS`` and a term of ``split``, in the same place. Where
``split`` is not given what the term needs, ``run/energy.py`` has to give it for rows and
``run/meter.py`` run by run. Everything that adds up, stores or shows energy takes names, domains
and heat from here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from dfsrt.base.arrays import Floats
from dfsrt.device import rules
from dfsrt.device.npu import Domain, Npu

Energy = TypeVar("Energy", float, Floats)
"""Joules or watts: one number, or an array of any shape."""


@dataclass(frozen=True, slots=True)
class Component:
    """A part of the energy; ``domain`` is the narrowest power domain that holds it.

    It warms the die if it flows ``on_die``, else the board. A ``loss`` is of conversion: no work
    is done with it.
    """

    name: str
    domain: Domain
    on_die: bool
    loss: bool = False


_COMPONENTS = (
    Component("switching", Domain.NPU, on_die=True),
    Component("clock", Domain.NPU, on_die=True),
    Component("leakage", Domain.NPU, on_die=True),
    Component("fixed", Domain.NPU, on_die=True),
    Component("regulator_loss", Domain.NPU, on_die=False, loss=True),
    Component("dram", Domain.NPU_DRAM, on_die=False),
    Component("uncore", Domain.SYSTEM, on_die=True),
)
"""From the narrowest domain to the widest, so that each domain holds the first ones."""

COMPONENTS = tuple(component.name for component in _COMPONENTS)
"""Names of the components; an axis ``n_components`` is in this order."""

IN_DOMAIN = {
    domain: sum(component.domain in tuple(Domain)[: place + 1] for component in _COMPONENTS)
    for place, domain in enumerate(Domain)
}
"""How many of ``COMPONENTS`` each domain holds."""

IN_NPU = IN_DOMAIN[Domain.NPU]
"""How many the NPU's rail feeds."""

ON_DIE = tuple(component.on_die for component in _COMPONENTS)
"""Whether each of ``COMPONENTS`` warms the die; the others warm the board."""

OWN_PART = {Domain.NPU: "npu", Domain.NPU_DRAM: "dram", Domain.SYSTEM: "uncore"}
"""What a report calls the part that each domain adds to the one before it."""

PLACES = {
    part: [k for k, component in enumerate(_COMPONENTS) if component.domain == domain]
    for domain, part in OWN_PART.items()
}
"""Places in ``COMPONENTS`` of what is in each of these parts."""

LOSSES = [k for k, component in enumerate(_COMPONENTS) if component.loss]
"""Places in ``COMPONENTS`` of the losses of conversion."""


class Rates(NamedTuple):
    """What energies follow from that no layer, clock or die changes; plain numbers alone.

    The regulator's ``efficiency``, what a byte from or to DRAM takes where the device says no part,
    the uncore's power, and what the rail draws at any voltage. What the memory draws by itself is
    its ``Standby``.
    """

    efficiency: float
    dram_j_per_byte: float
    uncore_w: float
    fixed_w: float


def rates_of(npu: Npu) -> Rates:
    """Return a device's rates, by its data sheet."""
    silicon = npu.silicon
    return Rates(
        efficiency=float(npu.rail.efficiency),
        dram_j_per_byte=8e-12 * silicon.dram_pj_per_bit,
        uncore_w=float(silicon.uncore_w) * npu.share,
        fixed_w=float(silicon.fixed_w),
    )


def split(
    switching: Energy,
    clock: Energy,
    leakage: Energy,
    dram: Energy,
    seconds: Energy,
    rates: Rates,
) -> tuple[Energy, ...]:
    """Return energy by component, in the order of ``COMPONENTS``, numbers or arrays of any shape.

    Joules of a time of ``seconds``, ``dram`` with its standby; or watts, where all is given for one
    second. The regulator loses what its efficiency says of all that flows through it.
    """
    fixed = seconds * rates.fixed_w
    loss = rules.regulator_loss_w(switching + clock + leakage + fixed, rates.efficiency)
    uncore = seconds * rates.uncore_w
    return switching, clock, leakage, fixed, loss, dram, uncore


def energy_by_domain(by_component: Mapping[str, float]) -> dict[str, float]:
    """Return joules of the NPU's rail, of what each wider domain adds to it, and of all.

    Keys are ``npu``, ``dram``, ``uncore`` and ``total``; ``by_component`` has every component.

    Raises:
        KeyError: a component is missing.
    """
    joules = [by_component[name] for name in COMPONENTS]
    own = {part: math.fsum(joules[k] for k in places) for part, places in PLACES.items()}
    return {**own, "total": math.fsum(joules)}
