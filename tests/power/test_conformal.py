"""Conformal bounds: by hand, against a naive twin, and for what they promise."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfsrt.base.errors import InputError
from dfsrt.power.conformal import FEWEST, Bound, fit_bound, held_out_coverage, rank


def test_nine_scores_carry_ninety_percent_and_no_more():
    # (9 + 1) * 0.9 = 9: the largest of nine; 0.95 would need a score beyond the last.
    bound = fit_bound(np.arange(1.0, 10.0), ["matrix"] * 9, [0.5, 0.9, 0.95])
    assert bound.levels == (0.5, 0.9)
    assert bound.factors == {"all": (5.0, 9.0)}


@given(st.lists(st.floats(0.5, 2.0), min_size=20, max_size=80), st.sampled_from([0.5, 0.8, 0.9]))
def test_the_factor_is_the_naive_conformal_quantile(scores, level):
    bound = fit_bound(np.array(scores), ["a"] * len(scores), [level])
    needed = (len(scores) + 1) * level
    naive = next(s for i, s in enumerate(sorted(scores), 1) if i >= needed - 1e-9)
    assert bound.of(["a"], level)[0] == naive


def test_a_large_group_has_its_own_factor_and_a_small_one_the_pooled():
    ratios = np.concatenate([np.full(FEWEST, 1.0), np.full(FEWEST, 2.0), [3.0]])
    kinds = ["quiet"] * FEWEST + ["loud"] * FEWEST + ["rare"]
    bound = fit_bound(ratios, kinds, [0.9])
    assert bound.of(["quiet", "loud", "rare", "unheard"], 0.9).tolist() == [1.0, 2.0, 2.0, 2.0]


@given(st.integers(FEWEST, 300), st.integers(0, 300), st.sampled_from([0.99, 0.995, 0.999]))
def test_no_class_has_a_factor_at_a_confidence_that_its_own_scores_do_not_carry(most, few, level):
    bound = fit_bound(np.arange(1.0, most + few + 1), ["a"] * most + ["b"] * few, [level])
    carried = all(rank(n, level) <= n for n in (most, few) if n >= FEWEST)
    assert (level in bound.levels) == (carried and rank(most + few, level) <= most + few)
    for kind, count in bound.samples.items():
        assert all(rank(count, kept) <= count for kept in bound.levels), kind


@pytest.mark.parametrize("level", [0.8, 0.9, 0.99])
def test_unseen_scores_exceed_the_bound_no_more_often_than_promised(level):
    rng = np.random.default_rng(3)
    missed = []
    for _ in range(400):
        scores = np.exp(0.1 * rng.standard_normal(201))
        bound = fit_bound(scores[:200], ["a"] * 200, [level])
        missed.append(scores[200] > bound.of(["a"], level)[0])
    # Closed form: 1 - rank / (n + 1); four standard errors of 400 trials.
    expected = 1 - rank(200, level) / 201
    assert np.mean(missed) <= expected + 4 * np.sqrt(expected * (1 - expected) / 400) + 1e-9


def test_coverage_of_a_group_comes_from_the_other_groups_alone():
    ratios = np.concatenate([np.linspace(0.9, 1.1, 300), np.full(50, 5.0)])
    groups = ["one"] * 300 + ["odd"] * 50
    found = held_out_coverage(ratios, ["matrix"] * 350, groups, 0.9)
    assert found["odd"] == 0.0
    assert found["one"] == 1.0


def test_a_confidence_beyond_the_levels_is_refused_not_extrapolated():
    bound = Bound((0.5, 0.9), {"all": (1.0, 1.2)}, {"all": 50})
    assert bound.of(["x"], 0.7)[0] == pytest.approx(1.1)
    with pytest.raises(InputError, match=r"allowed is 0\.5 to 0\.9"):
        bound.of(["x"], 0.99)
