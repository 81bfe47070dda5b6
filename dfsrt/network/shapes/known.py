"""What is known while a graph is walked: constants, types, and the tensors of both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import onnx

from dfsrt.base.errors import NetworkError
from dfsrt.network.file.constants import (
    Array,
    Constant,
    type_name,
)
from dfsrt.network.graph import Graph, Node
from dfsrt.network.host import no_host_type
from dfsrt.network.rules import contrib
from dfsrt.network.shapes.limits import check_tensor
from dfsrt.network.tensor import BITS, HOST_TYPES, Tensor


class UnshapedError(NetworkError):
    """A tensor of which nobody knows the shape, or of a type that no NPU computes with."""


@dataclass(slots=True)
class Known:
    """Constants, and the types and tensors of all that has been made so far.

    ``partial`` are types of which some size is open. With ``strict`` what no NPU computes with is
    refused.
    """

    graph: Graph
    opsets: Mapping[str, int]
    strict: bool
    constants: dict[str, Constant] = field(init=False)
    types: dict[str, onnx.TypeProto] = field(default_factory=dict)
    tensors: dict[str, Tensor] = field(default_factory=dict)
    partial: dict[str, onnx.TypeProto] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.constants = self.graph.constants

    def declare(self, name: str, proto: onnx.TypeProto) -> None:
        """Note the type of ``name`` if it is known in full.

        Raises:
            NetworkError: an NPU does not compute with it, or it is larger than can be counted.
        """
        tensor = tensor_of(name, proto)
        if tensor is not None:
            if self.strict and tensor.dtype in HOST_TYPES:
                raise UnshapedError(no_host_type(name, tensor.dtype))
            check_tensor(tensor)
            self.types[name] = proto
            self.tensors[name] = tensor
        elif proto.tensor_type.HasField("shape"):
            self.partial.setdefault(name, proto)

    def of_host(self, node: Node) -> bool:
        """Return whether a node reads or makes what no NPU computes with, text above all."""
        known = (self.tensors.get(name) for name in (*node.inputs, *node.outputs))
        constants = (self.constants.get(name) for name in node.inputs)
        return any(t is not None and t.dtype in HOST_TYPES for t in known) or any(
            c is not None and type_name(c.element) in HOST_TYPES for c in constants
        )

    def shape_of(self, name: str) -> tuple[int, ...]:
        """Return the shape of a constant or of a tensor.

        Raises:
            NetworkError: nobody knows it.
        """
        constant = self.constants.get(name)
        if constant is None and name not in self.tensors:
            raise UnshapedError(f"tensor '{name}' has no shape that is known; declare it")
        return self.tensors[name].shape if constant is None else constant.shape

    def element_of(self, name: str) -> int:
        """Return the ONNX element type of a constant or of a tensor.

        Raises:
            NetworkError: nobody knows it.
        """
        constant = self.constants.get(name)
        if constant is None and name not in self.tensors:
            raise UnshapedError(f"tensor '{name}' has no type that is known; declare it")
        element = self.types[name].tensor_type.elem_type if constant is None else constant.element
        return int(element)

    def operands_of(self, node: Node) -> list[contrib.Typed | None]:
        """Return the types of a node's operands, in order; None for one that is absent.

        Raises:
            NetworkError: nobody knows one of them.
        """
        return [self.operand(name, node) if name else None for name in node.inputs]

    def value_of(self, name: str) -> Array | None:
        """Return the value of a small constant; None for all else."""
        constant = self.constants.get(name)
        return None if constant is None else constant.value

    def declared_as(self, name: str) -> contrib.Typed | None:
        """Return the type that the file declares for a tensor; None if it leaves something open."""
        proto = self.graph.declared.get(name, onnx.TypeProto())
        if tensor_of(name, proto) is None:
            return None
        return proto.tensor_type.elem_type, tuple(d.dim_value for d in proto.tensor_type.shape.dim)

    def operand(self, name: str, node: Node) -> tuple[int, tuple[int, ...]]:
        """Return the element type and the shape of one of a node's operands.

        Raises:
            NetworkError: nobody knows it.
        """
        proto = self.type_of(name, node).tensor_type
        return proto.elem_type, tuple(d.dim_value for d in proto.shape.dim)

    def type_of(self, name: str, node: Node) -> onnx.TypeProto:
        """Return the type of one of a node's operands.

        Raises:
            NetworkError: nobody knows it.
        """
        proto = self.types.get(name)
        if proto is None:
            constant = self.constants.get(name)
            if constant is None:
                raise UnshapedError(unknown_shape(name, node))
            proto = onnx.helper.make_tensor_type_proto(constant.element, constant.shape)
            self.types[name] = proto
        return proto


def protos_of(node: Node, types: Sequence[contrib.Typed]) -> dict[str, onnx.TypeProto]:
    """Return the types of a node's leading outputs by name."""
    return {
        name: onnx.helper.make_tensor_type_proto(element, shape)
        for name, (element, shape) in zip(node.outputs, types, strict=False)
        if name
    }


def tensor_of(name: str, proto: onnx.TypeProto) -> Tensor | None:
    """Return the tensor if its element type and all its dimensions are known."""
    if not proto.HasField("tensor_type") or not proto.tensor_type.HasField("shape"):
        return None
    shape = []
    for dim in proto.tensor_type.shape.dim:
        if not dim.HasField("dim_value") or dim.dim_value < 0:
            return None
        shape.append(dim.dim_value)
    return Tensor(name, tuple(shape), element_name(proto.tensor_type.elem_type, name))


def sizes_of(proto: onnx.TypeProto) -> tuple[int, ...]:
    """Return the sizes of a type that is known in full."""
    return tuple(dim.dim_value for dim in proto.tensor_type.shape.dim)


def element_name(element: int, tensor: str) -> str:
    """Return the plain name of an ONNX element type.

    Raises:
        NetworkError: the type is not numeric.
    """
    name = type_name(element)
    if name not in BITS:
        raise UnshapedError(no_host_type(tensor, name))
    return name


def unknown_shape(name: str, node: Node, sizes: Sequence[str] = ()) -> str:
    """Return what is said where a shape does not follow, with the ``--dim`` to type."""
    example = " ".join(f"--dim '{size}=1'" for size in sizes or (f"{name}.0", f"{name}.1"))
    return (
        f"tensor '{name}' of node '{node.name}' ({node.op}) has no shape that follows from the "
        "inputs' shapes; it depends on run-time values or on an operator without a rule: give its "
        f"sizes, axis by axis, for example {example}, or declare its shape in value_info"
    )
