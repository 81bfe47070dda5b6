"""Least squares without negative weights: by hand, and against scipy's own."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import nnls

from dfsrt.power.learn.nonnegative import nonnegative_weights


def test_weights_that_are_positive_anyway_are_those_of_least_squares():
    # Columns (1, 0), (1, 1): 2 = a + b, 1 = b.
    assert nonnegative_weights(np.array([[1.0, 1.0], [0.0, 1.0]]), np.array([2.0, 1.0])) == (
        pytest.approx([1.0, 1.0])
    )


def test_a_weight_that_would_be_negative_is_zero_and_the_other_does_what_it_can():
    # Free, a = -1 and b = 2; with a = 0 the best b is (1·1 + 2·1) / 2.
    columns, target = np.array([[1.0, 1.0], [0.0, 1.0]]), np.array([1.0, 2.0])
    assert nonnegative_weights(columns, target) == pytest.approx([0.0, 1.5])


def test_a_feature_that_is_always_zero_weighs_nothing():
    columns = np.array([[1.0, 0.0], [2.0, 0.0], [3.0, 0.0]])
    assert nonnegative_weights(columns, np.array([2.0, 4.0, 6.0])) == pytest.approx([2.0, 0.0])


@given(
    seed=st.integers(0, 2**32),
    count=st.integers(1, 8),
    rows=st.integers(8, 60),
    spread=st.floats(0, 6),
    twin=st.booleans(),
)
def test_no_weights_of_zero_or_more_come_nearer(seed, count, rows, spread, twin):
    rng = np.random.default_rng(seed)
    columns = rng.normal(size=(rows, count)) * 10 ** rng.uniform(-spread, spread, size=count)
    if twin:
        columns[:, -1] = columns[:, 0]
    target = rng.normal(size=rows)
    weights = nonnegative_weights(columns, target)
    _, least = nnls(columns, target)
    assert (weights >= 0).all()
    assert np.linalg.norm(columns @ weights - target) <= least * (1 + 1e-9) + 1e-12
