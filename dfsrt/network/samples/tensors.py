"""The tensors of a model: what is stored, what is made, and what its zeros are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from dfsrt.base.errors import NetworkError
from dfsrt.network.samples.feeds import Feed

if TYPE_CHECKING:
    import onnx

_ZERO_POINTS = {
    "ConvInteger": {0: 2, 1: 3},
    "MatMulInteger": {0: 2, 1: 3},
    "QLinearConv": {0: 2, 3: 5},
    "QLinearMatMul": {0: 2, 3: 5},
}
"""Products on quantized tensors: the place of each operand, and that of its zero point."""
_ROWS_FIRST = {"QLinearConv", "ConvInteger"}
"""Those whose weights have a zero point for each place on the first axis; others on the last."""
_PASSED_ON = {
    "Cast", "Flatten", "Identity", "Reshape", "Squeeze", "Transpose", "Unsqueeze",
}  # fmt: skip
"""What hands on its first operand's values."""


@dataclass(frozen=True, slots=True)
class ZeroPoint:
    """The number that stands for zero: a tensor, with one value or one for each along ``axis``."""

    tensor: str
    axis: int

    def of(self, value: Feed, ndim: int) -> Feed:
        """Return the zero point so that it fits a tensor with ``ndim`` axes."""
        if value.size == 1:
            return value.reshape(())
        shape = [1] * ndim
        shape[self.axis] = value.size
        return value.reshape(shape)


@dataclass(frozen=True)
class Tensors:
    """The top level of a model's graph, by the names of its tensors; ``folder`` is its file's."""

    graph: onnx.GraphProto
    folder: Path | None

    @cached_property
    def stored(self) -> Mapping[str, onnx.TensorProto]:
        """Tensors that the file holds, those of ``Constant`` nodes as well."""
        nodes = (n for n in self.graph.node if n.op_type == "Constant" and n.output)
        held = {n.output[0]: a.t for n in nodes for a in n.attribute if a.name == "value"}
        return {**held, **{t.name: t for t in self.graph.initializer}}

    @cached_property
    def made(self) -> Mapping[str, onnx.NodeProto]:
        """The node that makes each tensor."""
        return {name: node for node in self.graph.node for name in node.output if name}

    @cached_property
    def inputs(self) -> Mapping[str, onnx.TypeProto]:
        """The types of what is given at run time."""
        return {i.name: i.type for i in self.graph.input if i.name not in self.stored}

    @cached_property
    def zero_points(self) -> Mapping[str, ZeroPoint]:
        """The zero point of each quantized operand of a product; elsewhere zero is 0."""
        points = {}
        for node in self.graph.node:
            axis = 0 if node.op_type in _ROWS_FIRST else -1
            for place, point in _ZERO_POINTS.get(node.op_type, {}).items():
                if point < len(node.input) and node.input[point]:
                    points[node.input[place]] = ZeroPoint(node.input[point], axis)
        return points

    def __contains__(self, name: object) -> bool:
        return name in self.stored or name in self.inputs or name in self.made

    def value(self, name: str) -> Feed:
        """Return a stored tensor's values.

        Raises:
            NetworkError: they lie in a file beside the model's that cannot be read, or are broken.
        """
        from onnx import numpy_helper

        try:
            return np.asarray(numpy_helper.to_array(self.stored[name], str(self.folder or "")))
        except Exception as error:  # the library raises its own kinds and bare ones
            reason = " ".join(str(error).split())[:200]
            raise NetworkError(
                f"the values of tensor '{name}' cannot be read ({reason}); give the model with the "
                "files of its weights beside it"
            ) from error

    def is_shape_alone(self, name: str) -> bool:
        """Whether a tensor is filled with one number by its shape: a weight without values."""
        node = self.made.get(name)
        while node is not None and node.op_type in _PASSED_ON and node.input:
            node = self.made.get(node.input[0])
        return node is not None and node.op_type == "ConstantOfShape"

    def exposed(self, model: onnx.ModelProto, names: Iterable[str]) -> onnx.ModelProto:
        """Return a copy of ``model``, whose graph this is, with tensors as its outputs."""
        import onnx

        known = {o.name: o for o in self.graph.output}
        copy = onnx.ModelProto()
        copy.CopyFrom(model)
        del copy.graph.output[:]
        copy.graph.output.extend(known.get(n, onnx.ValueInfoProto(name=n)) for n in names)
        return copy


def chunks(sizes: Mapping[str, int], most: int) -> Iterator[list[str]]:
    """Yield names in groups whose sizes together are ``most`` at most, or of one name alone."""
    group: list[str] = []
    total = 0
    for name, size in sizes.items():
        if group and total + size > most:
            yield group
            group, total = [], 0
        group.append(name)
        total += size
    if group:
        yield group
