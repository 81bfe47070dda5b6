"""Products that wait for each other, step after step: what arrays that can hold weights save."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Stepwise:
    """One product of each step, as an engine lays it on its arrays.

    ``cycles`` are those of a step of all ``count`` independent ones. One alone takes ``folds``
    arrays at once for ``alone`` cycles, ``load`` of them until its weights are there.
    """

    cycles: int
    alone: int
    load: int
    folds: int
    count: int
    steps: int


def stepwise_cycles(products: Sequence[Stepwise], arrays: int) -> tuple[int, bool]:
    """Return the cycles of all steps, and whether weights stay on the arrays from step to step.

    They may where ``arrays`` hold those of all ``products`` of a step; independent ones (the
    directions of a recurrent layer) then run through all their steps one after the other.
    """
    again = sum(p.cycles * p.steps for p in products)
    folds = sum(p.folds for p in products)
    if not 0 < folds <= arrays:
        return again, False
    rounds = -(-max(p.count for p in products) // (arrays // folds))
    held = rounds * sum(p.alone * p.steps - p.load * (p.steps - 1) for p in products)
    return min(again, held), held <= again
