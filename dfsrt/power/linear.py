"""A power model that weighs physical features: watts = features · weights · (1 + guard)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dfsrt.base.arrays import Floats
from dfsrt.device.npu import Npu
from dfsrt.power.features import features, names
from dfsrt.power.workload import Workload


def linear_w(columns: Floats, weights: Floats) -> Floats:
    """Return the watts of features ``(..., n_features)`` under ``weights``, ``(n_features,)``.

    Terms are added in order, so that a row's watts do not depend on the rows beside it, as they
    would in a product of matrices.
    """
    watts: Floats = columns[..., 0] * weights[0]
    for index in range(1, len(weights)):
        watts = watts + columns[..., index] * weights[index]
    return watts


@dataclass(frozen=True, slots=True)
class LinearPowerModel:
    """Non-negative weights on the features of ``dfsrt.power.features``.

    ``guard`` is a margin on top of every prediction: 0.05 plans with 5 % more.

    Limits: knows a layer only by its counts; the hidden activity of one layer is its error.
    """

    name: str
    weights: tuple[float, ...]
    guard: float = 0.0

    def predict_w(self, load: Workload, npu: Npu, freqs_hz: Floats, volts: Floats) -> Floats:
        """Return watts of shape ``(n_layers, n_levels)``, the guard included."""
        columns = features(load, npu, freqs_hz, volts)
        return linear_w(columns, np.array(self.weights)) * (1.0 + self.guard)


def datasheet_model(npu: Npu, guard: float = 0.0) -> LinearPowerModel:
    """Return the model of someone who has only the data sheet: every weight 1 over efficiency."""
    weights = (1.0 / npu.rail.efficiency,) * len(names(npu))
    return LinearPowerModel("datasheet", weights, guard)
