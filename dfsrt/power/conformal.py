"""Conformal bounds: how far a reading may lie above its prediction, with a stated confidence.

Source: cross-conformal prediction (Vovk 2015; Barber et al., CV+, 2021): every score comes from a
model that has not seen the layer's network, and the bound is the score of the right rank.

Limits: the promise is for layers drawn like those measured; networks unlike all of them are not.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dfsrt.base.arrays import Floats
from dfsrt.base.errors import InputError

LEVELS = (0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999)
"""Confidences at which a card keeps its factors."""
FEWEST = 100
"""A group needs this many scores for a factor of its own; smaller ones share the pooled one."""
POOLED = "all"


@dataclass(frozen=True, slots=True)
class Bound:
    """Factors on a prediction: ``factors[group]`` has one for each of ``levels``.

    ``samples`` are the scores that each group's factors rest on.
    """

    levels: tuple[float, ...]
    factors: Mapping[str, tuple[float, ...]]
    samples: Mapping[str, int]

    def of(self, groups: Sequence[str], confidence: float) -> Floats:
        """Return the factor of each group at ``confidence``, ``(n,)``, between levels in line.

        Raises:
            InputError: a confidence below the lowest or above the highest level kept.
        """
        low, high = self.levels[0], self.levels[-1]
        if not low <= confidence <= high:
            raise InputError(
                f"confidence {confidence:g} is outside what this model's samples carry; "
                f"allowed is {low:g} to {high:g}"
            )
        at = {g: float(np.interp(confidence, self.levels, f)) for g, f in self.factors.items()}
        return np.array([at.get(group, at[POOLED]) for group in groups])


def fit_bound(ratios: Floats, groups: Sequence[str], levels: Sequence[float] = LEVELS) -> Bound:
    """Return the bound of out-of-fold ``ratios`` (measured over predicted), by group.

    ``ratios`` are ``(n_samples,)``, with a group each. A level that all samples together, or those
    of a group with factors of its own, are too few for is left out.
    """
    names = np.array(groups)
    members: dict[str, NDArray[np.bool_]] = {POOLED: np.ones(len(names), dtype=bool)}
    for name in sorted(set(groups)):
        if (names == name).sum() >= FEWEST:
            members[name] = names == name
    counts = [int(chosen.sum()) for chosen in members.values()]
    kept = tuple(c for c in levels if all(rank(n, c) <= n for n in counts))
    return Bound(
        levels=kept,
        factors={name: _factors(ratios[chosen], kept) for name, chosen in members.items()},
        samples={name: int(chosen.sum()) for name, chosen in members.items()},
    )


def rank(count: int, confidence: float) -> int:
    """Return the rank, from 1, of the conformal quantile among ``count`` sorted scores."""
    return math.ceil((count + 1) * confidence - 1e-9)


def _factors(ratios: Floats, levels: Sequence[float]) -> tuple[float, ...]:
    ordered = np.sort(ratios)
    return tuple(float(ordered[rank(len(ordered), c) - 1]) for c in levels)


def held_out_coverage(
    ratios: Floats, kinds: Sequence[str], groups: Sequence[str], confidence: float
) -> dict[str, float]:
    """Return the share of each group under a bound made from all other groups.

    ``ratios`` are ``(n_samples,)``, with a kind and a group each. This is what a network gets that
    took no part: neither in training nor in the bound.
    """
    names, kind = np.array(groups), np.array(kinds)
    shares = {}
    for name in sorted(set(groups)):
        out = names == name
        bound = fit_bound(ratios[~out], kind[~out].tolist(), [confidence])
        if bound.levels:
            factors = bound.of(kind[out].tolist(), confidence)
            shares[name] = float((ratios[out] <= factors).mean())
    return shares
