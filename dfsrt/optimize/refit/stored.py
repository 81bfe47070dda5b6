"""Stored constants as real numbers, and back: through DequantizeLinear where one stands between."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dfsrt.base.arrays import Floats
from dfsrt.optimize.arrays import Array, array_of

if TYPE_CHECKING:
    import onnx

    from dfsrt.network.samples import Tensors

_SPANS = {"INT4": (-8, 7), "UINT4": (0, 15), "INT2": (-2, 1), "UINT2": (0, 3)}
_SAME = {"Identity", "Cast", "Transpose"}
"""What hands on its operand's values as they are."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A stored constant; ``step`` and ``zero`` (of its shape) make its codes real numbers."""

    tensor: onnx.TensorProto
    step: Floats | None = None
    zero: Floats | float = 0.0

    @property
    def name(self) -> str:
        """The initializer's name."""
        return str(self.tensor.name)

    @property
    def size(self) -> int:
        """Its elements."""
        return int(np.prod(self.tensor.dims))

    def real(self) -> Floats:
        """Return its values as real numbers, in the file's own shape (any shape)."""
        return self.real_of(array_of(self.tensor))

    def real_of(self, coded: Array) -> Floats:
        """Return what ``coded``, stored in its place, stands for (any shape)."""
        codes = coded.astype(np.float64)
        return codes if self.step is None else np.asarray((codes - self.zero) * self.step)

    def coded(self, values: Floats) -> Array:
        """Return real numbers, of any shape, as the nearest that can be stored."""
        dtype = array_of(self.tensor).dtype
        if self.step is None:
            with np.errstate(over="ignore"):
                return np.asarray(values.astype(dtype))
        codes = np.clip(np.round(values / self.step + self.zero), *self._span(dtype.str))
        return np.asarray(codes.astype(dtype))

    def bounds(self, matrix: Callable[[Floats], Floats]) -> tuple[Floats, Floats] | None:
        """Return the least and the largest numbers that can be stored, each as a ``matrix`` of
        ``(n_outputs, n_inputs)``; None where no step limits them."""
        if self.step is None:
            return None
        least, most = self._span(array_of(self.tensor).dtype.str)
        return matrix((least - self.zero) * self.step), matrix((most - self.zero) * self.step)

    def _span(self, dtype: str) -> tuple[int, int]:
        from onnx import TensorProto

        kind = TensorProto.DataType.Name(self.tensor.data_type)
        if kind in _SPANS:
            return _SPANS[kind]
        span: np.iinfo[np.int64] = np.iinfo(dtype)
        return int(span.min), int(span.max)


def stored_constant(operand: str, tensors: Tensors) -> Stored | None:
    """Return the constant behind an operand; None where it is none, or stored in another form."""
    held = {t.name: t for t in tensors.graph.initializer}
    between: list[onnx.NodeProto] = []
    while operand not in held:
        node = tensors.made.get(operand)
        if node is None or node.op_type not in {*_SAME, "DequantizeLinear"}:
            return None
        between.append(node)
        operand = node.input[0]
    tensor = held[operand]
    dequantized = [node for node in between if node.op_type == "DequantizeLinear"]
    if not dequantized:
        return Stored(tensor) if array_of(tensor).dtype.kind == "f" else None
    if dequantized != between[-1:]:
        return None
    return _quantized(tensor, dequantized[0], tensors.stored)


def _quantized(
    tensor: onnx.TensorProto, node: onnx.NodeProto, stored: Mapping[str, onnx.TensorProto]
) -> Stored | None:
    if any(name not in stored for name in node.input[1:] if name):
        return None
    ints = {a.name: a.i for a in node.attribute}
    axis, block = ints.get("axis", 1), ints.get("block_size", 0)
    shape = tuple(tensor.dims)

    def spread(name: str) -> Floats:
        values = array_of(stored[name]).astype(np.float64)
        if values.size == 1:
            return np.broadcast_to(values.reshape(()), shape)
        if block:
            return np.repeat(values, block, axis).take(range(shape[axis]), axis)
        along = [1] * len(shape)
        along[axis] = values.size
        return np.broadcast_to(values.reshape(along), shape)

    has_zero = len(node.input) > 2 and node.input[2]
    zero = spread(node.input[2]) if has_zero else np.zeros(shape)
    return Stored(tensor, spread(node.input[1]), zero)
