"""A weight: a stored constant that a product multiplies by, as a matrix."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dfsrt.network.file.constants import type_name
from dfsrt.network.tensor import BITS
from dfsrt.optimize.arrays import Array, array_of

if TYPE_CHECKING:
    import onnx


@dataclass(frozen=True, slots=True)
class Weight:
    """A stored constant that a product multiplies by.

    ``tensor`` is the initializer, ``node`` the product, ``layout`` one of ``conv`` (outputs first),
    ``conv-transpose`` (inputs first), ``rows`` (outputs by inputs) and ``columns`` (inputs by
    outputs). Of a quantized tensor ``zero`` and ``scale`` name its zero point and scale, where it
    has them: one, one for each place on ``axis``, or one for each ``block`` of them.
    """

    tensor: onnx.TensorProto
    node: onnx.NodeProto
    layout: str
    groups: int = 1
    zero: str = ""
    scale: str = ""
    axis: int = 0
    block: int = 0

    @property
    def name(self) -> str:
        """The initializer's name."""
        return str(self.tensor.name)

    @property
    def array(self) -> Array:
        """Its values, in the file's own shape (any shape)."""
        return array_of(self.tensor)

    def matrix(self, array: Array) -> Array:
        """Return an array of the tensor's shape as ``(n_outputs, n_inputs)``.

        Inputs of one output lie side by side: tap by tap, its channels innermost.
        """
        return self._outputs_first(array).reshape(-1, self.inputs)

    def tensor_of(self, matrix: Array) -> Array:
        """Return a matrix ``(n_outputs, n_inputs)`` in the file's own layout, any shape."""
        shape = self._outputs_first(np.empty(tuple(self.tensor.dims), np.bool_)).shape
        first = matrix.reshape(shape)
        if self.layout == "conv":
            return np.moveaxis(first, -1, 1)
        if self.layout == "conv-transpose":
            return np.moveaxis(first, -1, 1).reshape(tuple(self.tensor.dims))
        return first if self.layout == "rows" else np.swapaxes(first, -1, -2)

    @property
    def inputs(self) -> int:
        """Products that are summed for one output."""
        dims = tuple(self.tensor.dims)
        if self.layout == "conv":
            return int(np.prod(dims[1:]))
        if self.layout == "conv-transpose":
            return int(dims[0] // self.groups * np.prod(dims[2:]))
        return int(dims[-1] if self.layout == "rows" else dims[-2])

    @property
    def bits(self) -> int:
        """Bits of an element."""
        return BITS[type_name(self.tensor.data_type)]

    @property
    def outputs(self) -> int:
        """Rows of its matrix."""
        return int(np.prod(tuple(self.tensor.dims))) // max(self.inputs, 1)

    @property
    def depthwise(self) -> bool:
        """Whether each output of a convolution has a single channel of its own."""
        dims = tuple(self.tensor.dims)
        channels = {"conv": dims[1], "conv-transpose": dims[0] // self.groups}
        return self.groups > 1 and channels.get(self.layout) == 1

    def _outputs_first(self, array: Array) -> Array:
        if self.layout == "conv":  # (outputs, taps..., inputs)
            return np.moveaxis(array, 1, -1)
        if self.layout == "conv-transpose":  # (groups, outputs, taps..., inputs)
            grouped = array.reshape(self.groups, -1, *array.shape[1:])
            return np.moveaxis(grouped, 1, -1)
        return array if self.layout == "rows" else np.swapaxes(array, -1, -2)
