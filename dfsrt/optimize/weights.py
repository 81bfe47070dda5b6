"""The weights of a model: stored constants that products multiply by, as matrices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dfsrt.optimize.arrays import Array, array_of, has_values

if TYPE_CHECKING:
    import onnx

_PLACE = {"Conv": 1, "ConvTranspose": 1, "Gemm": 1, "MatMul": 1}
"""The operand of each product that may be a weight."""
_PASSED_ON = {"DequantizeLinear", "Identity", "Cast"}
"""What hands its first operand on to a product, element by element."""


@dataclass(frozen=True, slots=True)
class Weight:
    """A stored constant that a product multiplies by.

    ``tensor`` is the initializer, ``node`` the product, ``layout`` one of ``conv`` (outputs first),
    ``conv-transpose`` (inputs first), ``rows`` (outputs by inputs) and ``columns`` (inputs by
    outputs). ``zero`` is the name of a quantized tensor's zero point, if it has one.
    """

    tensor: onnx.TensorProto
    node: onnx.NodeProto
    layout: str
    groups: int = 1
    zero: str = ""

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

    def _outputs_first(self, array: Array) -> Array:
        if self.layout == "conv":  # (outputs, taps..., inputs)
            return np.moveaxis(array, 1, -1)
        if self.layout == "conv-transpose":  # (groups, outputs, taps..., inputs)
            grouped = array.reshape(self.groups, -1, *array.shape[1:])
            return np.moveaxis(grouped, 1, -1)
        return array if self.layout == "rows" else np.swapaxes(array, -1, -2)


def weights_of(model: onnx.ModelProto) -> Iterator[Weight]:
    """Yield the weights of a model's products, each stored constant once, in order of the nodes.

    Limits: products at the graph's top level; one that several products share counts with the
    first; a constant without values in the file is none.
    """
    stored = {t.name: t for t in model.graph.initializer}
    made = {name: node for node in model.graph.node for name in node.output}
    seen: set[str] = set()
    for node in model.graph.node:
        place = _PLACE.get(node.op_type, 9)
        if node.domain not in ("", "ai.onnx") or len(node.input) <= place:
            continue
        weight = _weight(node, node.input[place], stored, made)
        if weight is not None and weight.name not in seen and has_values(weight.tensor):
            seen.add(weight.name)
            yield weight


def _weight(
    node: onnx.NodeProto,
    operand: str,
    stored: Mapping[str, onnx.TensorProto],
    made: Mapping[str, onnx.NodeProto],
) -> Weight | None:
    zero, turned = "", False
    while operand not in stored and operand in made:
        source = made[operand]
        if source.op_type == "Transpose" and _swaps_two(source):
            turned = not turned
        elif source.op_type not in _PASSED_ON:
            return None
        elif source.op_type == "DequantizeLinear" and len(source.input) > 2:
            zero = source.input[2]
        operand = source.input[0]
    tensor = stored.get(operand)
    if tensor is None or len(tensor.dims) < 2:
        return None
    attributes = {a.name: a.i for a in node.attribute}
    if node.op_type == "Conv":
        return None if turned else Weight(tensor, node, "conv", attributes.get("group", 1), zero)
    if node.op_type == "ConvTranspose":
        groups = attributes.get("group", 1)
        return None if turned else Weight(tensor, node, "conv-transpose", groups, zero)
    rows = bool(attributes.get("transB", 0)) is not turned
    return Weight(tensor, node, "rows" if rows else "columns", 1, zero)


def _swaps_two(node: onnx.NodeProto) -> bool:
    perm = next((list(a.ints) for a in node.attribute if a.name == "perm"), [1, 0])
    return perm == [1, 0]
