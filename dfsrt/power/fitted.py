"""A fit: the numbers that a model made on the spot consists of, as they are kept on disk."""

from __future__ import annotations

from functools import partial

import msgspec
import numpy as np

from dfsrt.power.conformal import Bound
from dfsrt.power.learned import LearnedPowerModel
from dfsrt.power.linear import linear_w


class Fit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Weights of the features, ``(n_features,)``, the range of each, and a bound's factors."""

    weights: list[float]
    valid_low: list[float]
    valid_high: list[float]
    levels: list[float]
    factors: dict[str, list[float]]
    samples: dict[str, int]

    def as_model(self, name: str, memory_hz: tuple[int, ...] = ()) -> LearnedPowerModel:
        """Return the model of these numbers, fitted at memory points ``memory_hz``, ``(n,)``."""
        factors = {group: tuple(values) for group, values in self.factors.items()}
        return LearnedPowerModel(
            name=name,
            watts_of=partial(linear_w, weights=np.array(self.weights)),
            bound=Bound(tuple(self.levels), factors, self.samples),
            valid_low=np.array(self.valid_low),
            valid_high=np.array(self.valid_high),
            memory_hz=memory_hz,
        )
