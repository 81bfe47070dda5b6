"""Changes of shared values: the elements with one label change together."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from dfsrt.base.arrays import Floats, Ints
from dfsrt.optimize.refit.problem import Problem

MOST_SUMS = 5e9
"""Additions for the equations of values that outputs share; beyond them evenly chosen outputs of
theirs decide for all."""
MOST_TIED = 4096
"""Values that one set of equations may hold; more are left as they are."""


def shared_changes(problems: list[Problem], labels: NDArray[np.integer]) -> list[Floats]:
    """Return the change ``(n_group_outputs, n_inputs)`` of each group's elements.

    ``labels`` ``(n_outputs, n_inputs)`` are of all groups' outputs; those below zero do not change.
    """
    names, flat = np.unique(labels, return_inverse=True)
    below = int(np.sum(names < 0))
    numbers = flat.reshape(labels.shape).astype(np.int64) - below  # below zero: held
    values = np.zeros(len(names) - below)
    for outputs, some in _tied(numbers, len(values)):
        if 0 < len(some) <= MOST_TIED:
            values[some] = _values(problems, numbers, outputs, some)
    change = np.where(numbers < 0, 0.0, np.append(values, 0.0)[numbers])
    return np.split(change, len(problems))


def _tied(numbers: Ints, count: int) -> Iterator[tuple[Ints, Ints]]:
    """Sets of outputs and of values that no other set's outputs use."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    outputs = len(numbers)
    row, column = np.nonzero(numbers >= 0)
    value = numbers[row, column] + outputs
    size = outputs + count
    graph = coo_array((np.ones(len(row), np.int8), (row, value)), shape=(size, size))
    sets, member = connected_components(graph, directed=False)
    order = np.argsort(member, kind="stable")
    for some in np.split(order, np.cumsum(np.bincount(member, minlength=sets))[:-1]):
        yield some[some < outputs], some[some >= outputs] - outputs


def _values(problems: list[Problem], numbers: Ints, outputs: Ints, some: Ints) -> Floats:
    """The changes of ``some`` values, ``(n_values,)``, by the equations of their ``outputs``."""
    each = len(numbers) // len(problems)
    most = max(int(MOST_SUMS / problems[0].root.size), 1)
    chosen = outputs[np.linspace(0, len(outputs) - 1, min(most, len(outputs))).round().astype(int)]
    left, right = np.zeros((len(some), len(some))), np.zeros(len(some))
    for output in chosen:
        group, within = divmod(int(output), each)
        used, place = np.unique(numbers[output], return_inverse=True)
        sums = _summed(problems[group].root, place, len(used))
        slopes = np.bincount(place, problems[group].slope[within], len(used))
        pulls = problems[group].root_pull * np.bincount(place, minlength=len(used))
        is_free = used >= 0
        at = np.searchsorted(some, used[is_free])
        left[np.ix_(at, at)] += (sums @ sums.T + np.diag(pulls))[np.ix_(is_free, is_free)]
        right[at] += slopes[is_free]
    diagonal = np.diag_indices(len(some))  # values of inputs that never change stay
    left[diagonal] += 1e-12 * left.trace() / len(some) or 1.0
    return np.asarray(np.linalg.solve(left, right))


def _summed(root: Floats, place: Ints, count: int) -> Floats:
    """Sums of the columns of ``root`` that have one place, ``(n_places, n_rows)``."""
    from scipy.sparse import csr_array

    ones = csr_array((np.ones(len(place)), (place, np.arange(len(place)))), (count, len(place)))
    return np.asarray(ones @ root.T)
