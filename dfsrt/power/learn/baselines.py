"""What a learned model is held against: a constant, plain C·f·V², a sparse polynomial."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dfsrt.base.arrays import Floats
from dfsrt.power.learn.rows import Rows

FEWEST_ROWS = 30
"""An operator needs this many rows for a polynomial of its own; others get the mean."""
MOST_COLUMNS = 12


def constant(seen: Rows, asked: Rows) -> Mapping[str, Floats]:
    """Predict the median reading, ``(n_rows,)`` of those asked."""
    return {"power_w": np.full(len(asked), np.median(seen.power_w))}


def plain_cfv2(seen: Rows, asked: Rows) -> Mapping[str, Floats]:
    """Predict C·f·V² with one capacitance, ``(n_rows,)`` of those asked.

    V counts as 1 where no meter shows it.
    """

    def fv2(rows: Rows) -> Floats:
        return np.asarray(rows.clock_hz * np.where(np.isnan(rows.volts), 1.0, rows.volts) ** 2)

    share = fv2(seen) / seen.power_w  # relative least squares, as the models have it
    return {"power_w": fv2(asked) * (share.sum() / (share**2).sum())}


def sparse_polynomial(seen: Rows, asked: Rows) -> Mapping[str, Floats]:
    """Predict by a sparse polynomial of layer parameters, one for each operator, ``(n_rows,)``.

    Source: NeuralPower, Cai et al., ACML 2017: polynomial terms of a layer's parameters and
    operation counts, made sparse by Lasso. Degree 2 on the columns that vary most.
    """
    found = np.full(len(asked), np.median(seen.power_w))
    for operator in set(asked.operators.tolist()):
        rows, ask = seen.operators == operator, asked.operators == operator
        if rows.sum() >= FEWEST_ROWS:
            x, x_asked = _varying(seen.features[rows], asked.features[ask])
            model = _lasso()
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # Lasso says where a path has not settled
                model.fit(x, seen.power_w[rows])
            low, high = seen.power_w[rows].min(), seen.power_w[rows].max()
            found[ask] = np.clip(model.predict(x_asked), low, high)
    return {"power_w": found}


def _lasso() -> Any:
    from sklearn.linear_model import LassoCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import PolynomialFeatures, StandardScaler

    return make_pipeline(
        StandardScaler(),
        PolynomialFeatures(2, include_bias=False),
        StandardScaler(),
        LassoCV(cv=3, max_iter=1000, n_alphas=20) if _old_lasso() else _new_lasso(),
    )


def _old_lasso() -> bool:
    from sklearn import __version__

    return tuple(int(p) for p in __version__.split(".")[:2]) < (1, 7)


def _new_lasso() -> Any:
    from sklearn.linear_model import LassoCV

    return LassoCV(cv=3, max_iter=1000, alphas=20)


def _varying(seen: Floats, asked: Floats) -> tuple[Floats, Floats]:
    """The columns that vary most among rows of one operator, for both."""
    spread: NDArray[np.float64] = seen.std(axis=0) / (np.abs(seen).max(axis=0) + 1e-12)
    chosen = np.argsort(-spread, kind="stable")[:MOST_COLUMNS]
    return seen[:, chosen], asked[:, chosen]


BASELINES = {
    "constant": constant,
    "plain C·f·V²": plain_cfv2,
    "sparse polynomial": sparse_polynomial,
}
