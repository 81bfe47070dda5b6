"""Grouped validation: every error is of a layer whose network the model has not seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from dfsrt.base.arrays import Floats
from dfsrt.base.errors import InputError
from dfsrt.network.layout import LAYOUTS
from dfsrt.power.card import Errors, Target
from dfsrt.power.learn.learner import Learner
from dfsrt.power.learn.rows import Rows

FEWEST_GROUPS = 3

Predict = Callable[[Rows, Rows], Mapping[str, Floats]]
"""(rows to learn from, rows to predict) -> quantities."""


def folds(rows: Rows, one_in: int = 1) -> Iterator[tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
    """Yield (train, test) masks, ``(n_rows,)`` each, one pair a group whose errors count.

    Of these groups, in order of their names, the first and every ``one_in``-th after it. A layer
    that has the same shape as one of the test group is left out of training too.

    Raises:
        InputError: too few groups to hold one out.
    """
    check_groups(rows)
    shapes = np.unique(rows.shapes, return_inverse=True)[1]  # numbers are found faster than text
    for group in counted_groups(rows)[::one_in]:
        test = rows.groups == group
        yield ~test & ~np.isin(shapes, shapes[test]), test


def counted_groups(rows: Rows) -> list[str]:
    """Return the groups whose errors count, in order of their names."""
    return sorted(set(rows.groups[rows.counted].tolist()))


def check_groups(rows: Rows) -> None:
    """Check that there are enough groups to hold one out.

    Raises:
        InputError: too few.
    """
    groups = set(rows.groups.tolist())
    if len(groups) < FEWEST_GROUPS:
        raise InputError(
            f"the samples hold {len(groups)} networks or shape families; validation by group "
            f"needs {FEWEST_GROUPS}: measure more with --network or --sweep"
        )


def out_of_fold(
    rows: Rows,
    learner: Learner,
    on_done: Callable[[int], None] = lambda _done: None,
    one_in: int = 1,
) -> dict[str, Floats]:
    """Return every quantity, ``(n_rows,)``, predicted for each row that counts by a model that has
    not seen its group; NaN for the others, and for groups that ``one_in`` leaves out.

    Raises:
        InputError: too few groups to hold one out.
    """
    return out_of_fold_by(
        rows, lambda seen, asked: learner.fit(seen).predict(asked), on_done, one_in
    )


def out_of_fold_by(
    rows: Rows,
    predict: Predict,
    on_done: Callable[[int], None] = lambda _done: None,
    one_in: int = 1,
) -> dict[str, Floats]:
    """Return the out-of-fold predictions of any way to learn and ask, ``(n_rows,)`` each.

    Raises:
        InputError: too few groups to hold one out.
    """
    found: dict[str, Floats] = {}
    for done, (train, test) in enumerate(folds(rows, one_in), start=1):
        for name, values in predict(rows.pick(train), rows.pick(test)).items():
            found.setdefault(name, np.full(len(rows), np.nan))[test] = values
        on_done(done)
    return found


def errors_of(predicted: Floats, true: Floats) -> Errors:
    """Return the relative errors of ``predicted``, rounded to what a card shows.

    Both are ``(n_rows,)``.
    """
    error = np.abs(predicted / true - 1.0)
    return Errors(
        samples=len(error),
        mape=_short(error.mean()),
        median=_short(np.median(error)),
        p95=_short(np.quantile(error, 0.95)),
        worst=_short(error.max()),
    )


def target_of(rows: Rows, predicted: Floats, true: Floats, counts: NDArray[np.bool_]) -> Target:
    """Return the errors over the rows that ``counts`` marks, in all, by operator, by group, and by
    layout where images were measured in both.

    All arrays are ``(n_rows,)``; where none is marked, all count.
    """
    if not counts.any():
        counts = np.ones(len(rows), dtype=bool)

    def by(names: NDArray[np.str_]) -> dict[str, Errors]:
        found = sorted(set(names[counts].tolist()))
        chosen = ((name, counts & (names == name)) for name in found)
        return {name: errors_of(predicted[c], true[c]) for name, c in chosen}

    return Target(
        overall=errors_of(predicted[counts], true[counts]),
        by_operator=by(rows.operators),
        by_group=by(rows.groups),
        by_layout=by(rows.layouts) if set(LAYOUTS) <= set(rows.layouts.tolist()) else {},
    )


def _short(value: float) -> float:
    return float(f"{value:.4g}")
