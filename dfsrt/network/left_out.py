"""Operators without a rule, let through as memory traffic: the shapes taken for their results."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import onnx

from dfsrt.network.graph import Node
from dfsrt.network.tensor import HOST_TYPES, Tensor


@dataclass(slots=True)
class LeftOut:
    """What a reading leaves out: ``nodes`` by name, and the tensors with an ``assumed`` shape.

    ``behind`` names the tensors whose shapes follow from assumed ones.
    """

    nodes: set[str] = field(default_factory=set)
    assumed: dict[str, tuple[int, ...]] = field(default_factory=dict)
    behind: set[str] = field(default_factory=set)

    def is_behind(self, node: Node) -> bool:
        """Whether a node reads what may have another shape."""
        return not self.behind.isdisjoint(node.inputs)

    def follow(self, node: Node) -> None:
        """Note that what a node makes has an assumed shape, or follows from one."""
        if self.is_behind(node) or not self.assumed.keys().isdisjoint(node.outputs):
            self.behind.update(name for name in node.outputs if name)

    def assume(
        self,
        node: Node,
        name: str,
        declared: onnx.TypeProto | None,
        first: onnx.TypeProto | None,
        dims: Mapping[str, int],
    ) -> onnx.TypeProto:
        """Return the type taken for an output that nothing tells, and note it.

        Its sizes are those of ``dims`` under ``TENSOR.AXIS``, of the file, or of the ``first``
        operand.
        """
        stated = declared.tensor_type if declared is not None else onnx.TypeProto.Tensor()
        given = first.tensor_type if first is not None else onnx.TypeProto.Tensor()
        sizes = tuple(d.dim_value for d in given.shape.dim)
        if stated.HasField("shape"):
            likely = sizes if len(sizes) == len(stated.shape.dim) else (1,) * len(stated.shape.dim)
            pairs = zip(stated.shape.dim, likely, strict=True)
            sizes = tuple(d.dim_value if _is_set(d) else size for d, size in pairs)
        rank = len(sizes)
        while not stated.HasField("shape") and f"{name}.{rank}" in dims:
            rank += 1
        shape = tuple(
            dims.get(f"{name}.{axis}", sizes[axis] if axis < len(sizes) else 1)
            for axis in range(rank)
        )
        self.nodes.add(node.name)
        if any(f"{name}.{axis}" not in dims for axis in range(rank)) or not rank:
            self.assumed[name] = shape
        element = stated.elem_type or given.elem_type or onnx.TensorProto.FLOAT
        return onnx.helper.make_tensor_type_proto(element, shape)

    def notes(self, tensors: Iterable[Tensor]) -> list[str]:
        """Say what shapes were assumed, and which elements have no size in memory."""
        notes = []
        if self.assumed:
            name, shape = next(iter(self.assumed.items()))
            more = f" and of {len(self.assumed) - 1} more" if len(self.assumed) > 1 else ""
            notes.append(
                f"nothing says the shape of '{name}'{more}: {list(shape)} is assumed; "
                f"--dim '{name}.AXIS=N' sets an axis"
            )
        texts = [t for t in tensors if t.dtype == "string"]
        if texts:
            count = sum(math.prod(t.shape) for t in texts)
            notes.append(f"{count:,} elements of text in {len(texts)} tensors are left out")
        return notes


def reads_host_type(tensors: Iterable[Tensor | None]) -> bool:
    """Whether any of some tensors is of a type that an NPU does not compute with."""
    return any(t is not None and t.dtype in HOST_TYPES for t in tensors)


def _is_set(dim: onnx.TensorShapeProto.Dimension) -> bool:
    return bool(dim.HasField("dim_value") and dim.dim_value >= 0)
