"""A budget of bits: which weights get 4 of them, so that the noise is the least."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

NARROW, WIDE = 4, 8


@dataclass(frozen=True, slots=True)
class Cost:
    """A weight's ``elements``, and the noise that ``NARROW`` bits put on what is made of it."""

    name: str
    elements: int
    noise: float


def cheapest(costs: Sequence[Cost], bits: float) -> frozenset[str]:
    """Return the weights that get 4 bits, all others 8, so that their mean is at most ``bits``.

    Those with the least noise for each bit saved come first; of them, the noisiest that the budget
    does not need go back.
    """
    total = sum(cost.elements for cost in costs)
    needed = (WIDE - bits) / (WIDE - NARROW) * total
    ordered = sorted(costs, key=lambda c: (c.noise / max(c.elements, 1), -c.elements, c.name))
    chosen: list[Cost] = []
    for cost in ordered:
        if _elements(chosen) >= needed:
            break
        chosen.append(cost)
    for cost in sorted(chosen, key=lambda c: (-c.noise, c.name)):
        if _elements(chosen) - cost.elements >= needed:
            chosen.remove(cost)
    return frozenset(cost.name for cost in chosen)


def _elements(costs: Sequence[Cost]) -> int:
    return sum(cost.elements for cost in costs)
