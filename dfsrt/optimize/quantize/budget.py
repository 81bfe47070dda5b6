"""A budget of bits: which weights get 4 of them, so that the noise is the least."""

from __future__ import annotations

import math
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

    Those with the least noise for each bit saved come first; where one more that is large enough
    makes less noise than going on so, it is taken. Of all, the noisiest that the budget does not
    need go back.
    """
    total = sum(cost.elements for cost in costs)
    needed = (WIDE - bits) / (WIDE - NARROW) * total
    ordered = sorted(costs, key=lambda c: (c.noise / max(c.elements, 1), -c.elements, c.name))
    chosen = _least(ordered, needed)
    for cost in sorted(chosen, key=lambda c: (-c.noise, c.name)):
        if _elements(chosen) - cost.elements >= needed:
            chosen.remove(cost)
    return frozenset(cost.name for cost in chosen)


def _least(ordered: Sequence[Cost], needed: float) -> list[Cost]:
    """The first of ``ordered`` with one more that saves all that is ``needed``: the least noisy."""
    best: list[Cost] = []
    least, noise, saved = math.inf, 0.0, 0
    for count, cost in enumerate(ordered):
        if saved >= needed:
            break
        enough = [c for c in ordered[count:] if saved + c.elements >= needed]
        last = min(enough, key=lambda c: c.noise, default=None)
        if last is not None and noise + last.noise < least:
            best, least = [*ordered[:count], last], noise + last.noise
        noise, saved = noise + cost.noise, saved + cost.elements
    return best


def _elements(costs: Sequence[Cost]) -> int:
    return sum(cost.elements for cost in costs)
