"""Energy of a report: by component, by power domain, and per frame."""

from __future__ import annotations

import math

from dfsrt.base.arrays import Floats
from dfsrt.device.npu import Domain
from dfsrt.report.schema import DomainEnergy
from dfsrt.run.log import COMPONENTS, IN_DOMAIN


def domain_energy(component_j: Floats) -> DomainEnergy:
    """Return joules by power domain of joules by component, ``(n_components,)``."""
    npu, dram = IN_DOMAIN[Domain.NPU], IN_DOMAIN[Domain.NPU_DRAM]
    joules = component_j.tolist()
    parts = (joules[:npu], joules[npu:dram], joules[dram:])
    return DomainEnergy(
        npu=math.fsum(parts[0]),
        dram=math.fsum(parts[1]),
        uncore=math.fsum(parts[2]),
        total=math.fsum(joules),
    )


def by_component(component_j: Floats, first: int, stop: int) -> dict[str, float]:
    """Return components ``first`` to before ``stop`` of joules, ``(n_components,)``, by name."""
    return dict(zip(COMPONENTS[first:stop], component_j[first:stop].tolist(), strict=True))


def ratio(amount: float, of: float) -> float | None:
    """Return ``amount`` over ``of``; None where there is nothing to divide by."""
    return amount / of if of > 0 else None
