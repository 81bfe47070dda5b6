"""One layer of a refit: fitted on some rows, judged on others, taken if it helps there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dfsrt.base.arrays import Floats, Mask
from dfsrt.optimize.arrays import Array
from dfsrt.optimize.refit.addend import Bias
from dfsrt.optimize.refit.facts import LayerRefit
from dfsrt.optimize.refit.freedom import Freedom
from dfsrt.optimize.refit.masked import masked_change
from dfsrt.optimize.refit.problem import Problem
from dfsrt.optimize.refit.rows import Reader, Rows
from dfsrt.optimize.refit.shared import shared_changes
from dfsrt.optimize.refit.stored import Stored
from dfsrt.optimize.weight import Weight

if TYPE_CHECKING:
    import onnx


@dataclass(frozen=True, slots=True)
class Layer:
    """A product with a weight that may change, and what is needed to fit it."""

    weight: Weight
    stored: Stored
    bias: Bias
    reader: Reader
    freedom: Freedom

    @property
    def node(self) -> onnx.NodeProto:
        """The product."""
        return self.weight.node

    @property
    def moves(self) -> Mask:
        """Which elements may change, ``(n_outputs, n_inputs)``."""
        free = self.freedom if self.freedom.dtype == np.bool_ else self.freedom >= 0
        return np.asarray(free, np.bool_)

    def fitted(self, fit: Rows, held_out: Rows) -> tuple[Mapping[str, Array], LayerRefit]:
        """Return new values, any shape, by initializer's name, and what they do on held-out rows.

        No values are returned where they do not help.
        """
        tried = LayerRefit(self.weight.name, fit.count, held_out.count)
        old, offset = self._matrix(self.stored.real()), self.bias.offset()
        if not fit.count or not held_out.count:
            return {}, tried.because("no rows to fit on and to judge on")
        if not (fit.are_finite and held_out.are_finite):
            return {}, tried.because("values that are not finite")
        change, bias_change = self._change(fit, old, offset)
        new = self.weight.tensor_of(old + change).reshape(self.weight.tensor.dims)
        coded = np.where(self._shaped(self.moves), self.stored.coded(new), self.weight.array)
        arrays = {self.weight.name: coded}
        after_offset = offset
        if self.bias.free and self.bias.stored is not None:
            arrays[self.bias.stored.name] = self.bias.coded(bias_change)
            after_offset = offset + self.bias.change(arrays[self.bias.stored.name])
        before = held_out.error(old, offset)
        after = held_out.error(self._matrix(self.stored.real_of(coded)), after_offset)
        judged = tried.judged(before, after)
        return (arrays if judged.taken else {}), judged

    def _change(self, fit: Rows, old: Floats, offset: Floats) -> tuple[Floats, Floats]:
        """The changes of the weight as a matrix, and of what the product starts from."""
        rest = fit.rest(old, offset)
        problems = [
            Problem(inputs, left, self.bias.free)
            for inputs, left in zip(fit.inputs, rest, strict=True)
        ]
        changes = self._changes(problems)
        pairs = zip(problems, changes, strict=True)
        biases = np.concatenate([p.bias_change(change) for p, change in pairs])
        return np.concatenate(changes), biases

    def _changes(self, problems: list[Problem]) -> list[Floats]:
        if self.freedom.dtype != np.bool_:
            return shared_changes(problems, np.asarray(self.freedom, np.int64))
        parts = np.split(np.asarray(self.freedom, np.bool_), len(problems))
        return [masked_change(p, free) for p, free in zip(problems, parts, strict=True)]

    def _matrix(self, real: Floats) -> Floats:
        return np.asarray(self.weight.matrix(real), np.float64)

    def _shaped(self, moves: Mask) -> Mask:
        return np.asarray(self.weight.tensor_of(moves)).reshape(self.weight.tensor.dims)
