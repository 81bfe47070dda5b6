"""Learners: how a model of each kind is fitted, asked and exported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from dfsrt.base.arrays import Floats
from dfsrt.power.card import ClockLaw
from dfsrt.power.clock_law import Predicted, compose, demand_w
from dfsrt.power.features import moved_by_activity
from dfsrt.power.learn.kernel import Kernel, fit_kernel
from dfsrt.power.learn.nonnegative import nonnegative_weights
from dfsrt.power.learn.rows import Rows
from dfsrt.power.linear import linear_w

MOVING = "moving_w"
"""The part of ``power_w`` that a layer's activity moves, on which a bound's factor is; where a
model does not tell it apart, all of it."""


TREES = "trees"
"""What the trees beside a kernel regression are called where they are exported."""


class Fitted(Protocol):
    """A model that has been fitted; ``kernel`` is a part of it that scikit-learn does not have."""

    @property
    def kernel(self) -> Kernel | None:
        """A kernel regression with the outputs ``log_demand`` and ``log_slowdown``, or nothing."""
        ...

    def predict(self, rows: Rows) -> Predicted:
        """Return each predicted quantity, ``(n_rows,)``."""
        ...

    def raw(self, features: Floats) -> Predicted:
        """Return each output of the exported model, ``(n_rows,)``, for ``(n_rows, n_features)``."""
        ...

    def estimators(self) -> Mapping[str, Any]:
        """Return the scikit-learn models by the name of their output."""
        ...


class Learner(Protocol):
    """A way to fit one kind of model."""

    @property
    def kind(self) -> str:
        """``npu`` or ``gpu``."""
        ...

    @property
    def double(self) -> bool:
        """Whether the exported model computes in float64."""
        ...

    def fit(self, rows: Rows) -> Fitted:
        """Return the model fitted to ``rows``."""
        ...

    def describe(self) -> str:
        """Return what the model is, for the card."""
        ...


@dataclass(frozen=True, slots=True)
class NpuLearner:
    """Non-negative weights on physical watts: counted switching, clock tree, leakage.

    Rows are divided by their reading, so that least squares minimises the relative error.
    """

    kind: str = "npu"
    double: bool = True

    def fit(self, rows: Rows) -> NpuFitted:
        """Return the model fitted to ``rows``."""
        columns = rows.features / rows.power_w[:, None]
        return NpuFitted(nonnegative_weights(columns, np.ones(len(rows))))

    def describe(self) -> str:
        """Return what the model is, for the card."""
        return (
            "scikit-learn LinearRegression, non-negative, on counted action energy over time, "
            "C·f·V² of the clock tree and leakage terms; relative least squares"
        )


@dataclass(frozen=True, slots=True)
class NpuFitted:
    """The weight of each feature, ``(n_features,)``."""

    weights: Floats
    kernel: Kernel | None = None

    def predict(self, rows: Rows) -> Predicted:
        """Return watts and the part of them that activity moves, ``(n_rows,)`` each."""
        moving = self.raw(moved_by_activity(rows.features))["power_w"]
        return {**self.raw(rows.features), MOVING: moving}

    def raw(self, features: Floats) -> Predicted:
        """Return watts, ``(n_rows,)``, for ``(n_rows, n_features)``."""
        return {"power_w": linear_w(features, self.weights)}

    def estimators(self) -> Mapping[str, Any]:
        """Return the same model as scikit-learn has it."""
        from sklearn.linear_model import LinearRegression  # costs a second: only for the export

        regression = LinearRegression(positive=True, fit_intercept=False)
        regression.coef_, regression.n_features_in_ = self.weights, len(self.weights)
        regression.intercept_ = np.zeros(1)  # a plain 0.0 is more than the exporter can take
        return {"power_w": regression}


@dataclass(frozen=True, slots=True)
class GpuLearner:
    """Demand at the highest clock by a kernel regression, time over a first guess by the mean of
    one and of randomised trees.

    Watts change smoothly with a layer's sizes; times do, and jump where a library takes another
    algorithm. The clock law turns demand into watts and settled clock. ``law`` is the card's;
    ``seed`` makes the trees' column sampling repeatable.
    """

    law: ClockLaw
    seed: int
    kind: str = "gpu"
    double: bool = False

    def fit(self, rows: Rows) -> Fitted:
        """Return the model fitted to ``rows``."""
        slowdown = np.log(rows.latency_s / rows.scale_s)
        targets = np.column_stack([log_demand(self.law, rows), slowdown])
        trees = extra(self.seed).fit(rows.features.astype(np.float32), slowdown)
        return _GpuFitted(self.law, fit_kernel(rows.features, targets, self.seed), trees)

    def describe(self) -> str:
        """Return what the model is, for the card."""
        return (
            "Matérn kernel regression for log(watts at the highest clock - at rest); the mean "
            "of one and of scikit-learn ExtraTreesRegressor for log(seconds / first guess); watts "
            "and clock by the clock law"
        )


@dataclass(frozen=True, slots=True)
class _GpuFitted:
    law: ClockLaw
    kernel: Kernel
    trees: Any

    def predict(self, rows: Rows) -> Predicted:
        return compose(self.law, self.raw(rows.features), rows.scale_s)

    def raw(self, features: Floats) -> Predicted:
        demand, slowdown = self.kernel.predict(features).T
        jumping = np.asarray(self.trees.predict(features.astype(np.float32)))
        return {"log_demand": demand, "log_slowdown": (slowdown + jumping) / 2}

    def estimators(self) -> Mapping[str, Any]:
        return {TREES: self.trees}


def log_demand(law: ClockLaw, rows: Rows) -> Floats:
    """Return the logarithm of what each row asks for above rest, ``(n_rows,)``."""
    demand = demand_w(law, rows.power_w, rows.clock_hz)
    return np.asarray(np.log(np.maximum(demand - law.rest_w, 1.0)))


def extra(seed: int) -> Any:
    """Return extremely randomised trees, not yet fitted.

    They answer with means of measured neighbours, so an odd shape does not throw them far.
    """
    from sklearn.ensemble import ExtraTreesRegressor

    return ExtraTreesRegressor(
        40, min_samples_leaf=2, max_features=1.0, random_state=seed, n_jobs=-1
    )
