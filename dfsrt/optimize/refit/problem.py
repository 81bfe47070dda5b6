"""The least squares of one group of outputs, about the means where a bias is fitted as well."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from dfsrt.base.arrays import Floats, Singles

PULL = 1e-3
"""Weight of the old values, in mean squares of an input.

Source: assumed (1e-4 to 1e-2); tried on the digits network, see decision 65.
"""
_ROWS_AT_ONCE = 2048
_ROUNDING = 1e-12
"""Share of the squared means that single precision may leave of inputs that do not change."""


@dataclass(frozen=True)
class Problem:
    """Rows ``inputs`` ``(n_rows, n_inputs)``, ``rest`` ``(n_rows, n_outputs)``, which is what the
    old values leave of the targets, and whether a bias takes up the means.

    Sought is the change of the values that makes ``|rest - inputs change'|^2 + pull |change|^2``
    least: the pull is towards the old values.
    """

    inputs: Singles
    rest: Singles
    centred: bool

    @cached_property
    def middle(self) -> Floats:
        """Means of the inputs, ``(n_inputs,)``; zeros without a bias."""
        return self._mean(self.inputs)

    @cached_property
    def rest_middle(self) -> Floats:
        """Means of what is left, ``(n_outputs,)``; zeros without a bias."""
        return self._mean(self.rest)

    @cached_property
    def pull(self) -> float:
        """What is added to each mean square; 0 where all inputs are still."""
        if self._is_wide:
            total = float(np.einsum("ij,ij->", self.root, self.root))
        else:
            total = float(self._products.trace())
        rounding = _ROUNDING * len(self.inputs) * float(self.middle @ self.middle)
        return PULL * total / self.inputs.shape[1] if total > rounding else 0.0

    @cached_property
    def squares(self) -> Floats:
        """``inputs' inputs`` with the pull on its diagonal, ``(n_inputs, n_inputs)``."""
        total = self._products  # of up to 200 MB: no copy
        total[np.diag_indices(len(total))] += self.pull
        return total

    @cached_property
    def _products(self) -> Floats:
        width = self.inputs.shape[1]
        total = np.zeros((width, width))
        for part, _ in self._parts():
            total += part.T @ part
        return total

    @cached_property
    def slope(self) -> Floats:
        """``rest' inputs``, ``(n_outputs, n_inputs)``."""
        total = np.zeros((self.rest.shape[1], self.inputs.shape[1]))
        for part, rest in self._parts():
            total += rest.T @ part
        return total

    @cached_property
    def root(self) -> Floats:
        """Rows ``(n_roots, n_inputs)`` whose squares, and ``root_pull``, are ``squares``."""
        if self._is_wide or not self.pull:
            return np.asarray(self.inputs - self.middle)
        return np.asarray(np.linalg.cholesky(self.squares).T)

    @property
    def root_pull(self) -> float:
        """What ``root`` lacks on the diagonal of its squares."""
        return self.pull if self._is_wide else 0.0

    @property
    def _is_wide(self) -> bool:
        return len(self.inputs) < int(self.inputs.shape[1])

    def _parts(self) -> Iterator[tuple[Floats, Floats]]:
        for start in range(0, len(self.inputs), _ROWS_AT_ONCE):
            part = slice(start, start + _ROWS_AT_ONCE)
            yield self.inputs[part] - self.middle, self.rest[part] - self.rest_middle

    def bias_change(self, change: Floats) -> Floats:
        """Return what the bias ``(n_outputs,)`` takes up after a ``change`` of the values.

        ``change`` is of shape ``(n_outputs, n_inputs)``.
        """
        return np.asarray(self.rest_middle - change @ self.middle)

    @cached_property
    def mean_squares(self) -> Floats:
        """The diagonal of ``squares``, ``(n_inputs,)``."""
        if self._is_wide:
            return np.asarray(np.einsum("ij,ij->j", self.root, self.root) + self.pull)
        return self.squares.diagonal()

    def product(self, change: Floats) -> Floats:
        """Return ``change`` ``(n_outputs, n_inputs)`` times ``squares``, of the same shape."""
        if self._is_wide:
            return np.asarray(change @ self.root.T @ self.root + self.pull * change)
        return np.asarray(change @ self.squares)

    def _mean(self, rows: Singles) -> Floats:
        if self.centred:
            return np.asarray(rows.mean(axis=0, dtype=np.float64))
        return np.zeros(rows.shape[1])
