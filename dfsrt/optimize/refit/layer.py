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
from dfsrt.optimize.refit.rows import Reader, Rows
from dfsrt.optimize.refit.solution import solution
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
        new, change = solution(
            fit, old, offset, self.freedom, self.bias.free, self.stored.bounds(self._matrix)
        )
        arrays, after_offset = self._coded(new, offset, change)
        after = self._matrix(self.stored.real_of(arrays[self.weight.name]))
        judged = tried.judged(held_out.error(old, offset), held_out.error(after, after_offset))
        return (arrays if judged.taken else {}), judged

    def _coded(
        self, new: Floats, offset: Floats, change: Floats
    ) -> tuple[Mapping[str, Array], Floats]:
        """Stored values by initializer's name, and what the product then starts from."""
        shape = tuple(self.weight.tensor.dims)
        moves = self.weight.tensor_of(self.moves).reshape(shape)
        coded = self.stored.coded(self.weight.tensor_of(new).reshape(shape))
        arrays = {self.weight.name: np.where(moves, coded, self.weight.array)}
        if not self.bias.free or self.bias.stored is None:
            return arrays, offset
        bias = self.bias.coded(change)
        return {**arrays, self.bias.stored.name: bias}, offset + self.bias.change(bias)

    def _matrix(self, real: Floats) -> Floats:
        return np.asarray(self.weight.matrix(real), np.float64)
