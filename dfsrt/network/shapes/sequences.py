"""Lists of tensors: kept by name while the graph is walked, and never at run time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import onnx

from dfsrt.base.errors import NetworkError
from dfsrt.network.file.constants import Constant, constant_of_array
from dfsrt.network.graph import Attribute, Node

ShapeOf = Callable[[str], tuple[int, ...]]
AXES_ARE_OPERANDS = 13
"""Operator set since which axes and sizes of pieces are operands, and no attributes."""


@dataclass(slots=True)
class Sequences:
    """The tensors in each list, by the list's name.

    ``constants`` are the graph's, to read positions from and to put lengths into. ``shape_of``
    returns a tensor's shape.
    """

    constants: dict[str, Constant]
    shape_of: ShapeOf
    opset: int
    lists: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def flat(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Return ``names`` with the tensors of each list in its place."""
        return tuple(n for name in names for n in self.lists.get(name, (name,)))

    def tensors(self, node: Node) -> tuple[str, ...]:
        """Return the tensors of the list that a node reads.

        Raises:
            NetworkError: nobody knows what is in it.
        """
        if node.inputs[0] not in self.lists:
            raise unknown(node, f"what is in the list '{node.inputs[0]}'")
        return self.lists[node.inputs[0]]

    def position(self, node: Node, index: int, count: int, default: int) -> int:
        """Return a constant position in a list of ``count`` tensors.

        Raises:
            NetworkError: it hangs on data, or lies outside.
        """
        if index >= len(node.inputs) or not node.inputs[index]:
            at = default
        else:
            constant = self.constants.get(node.inputs[index])
            if constant is None or constant.value is None or not constant.value.size:
                raise unknown(node, "its position")
            at = int(constant.value.reshape(-1)[0])
        if not -count <= at < count:
            raise NetworkError(
                f"node '{node.name}' ({node.op}) takes position {at} of a list of {count}; "
                "export the file again"
            )
        return at % count

    def put(self, name: str, value: int | bool | list[int]) -> str:
        """Put a constant under a name of its own and return the name."""
        kind = np.bool_ if isinstance(value, bool) else np.int64
        self.constants[name] = constant_of_array(np.array(value, kind))
        return name

    def settled(
        self,
        node: Node,
        op: str,
        data: str,
        outputs: tuple[str, ...],
        setting: tuple[str, list[int]],
        **attributes: int,
    ) -> Node:
        """Return a node whose axes or sizes, by name, are an operand or an attribute."""
        name, values = setting
        if self.opset >= AXES_ARE_OPERANDS:
            operand = self.put(f"{node.name}/{name}", values)
            return new_node(node.name, op, (data, operand), outputs, **attributes)
        return new_node(node.name, op, (data,), outputs, **{name: tuple(values)}, **attributes)


def new_node(
    name: str,
    op: str,
    inputs: tuple[str, ...],
    outputs: tuple[str, ...],
    **attributes: int | tuple[int, ...],
) -> Node:
    """Return a node of the standard domain that stands for another."""
    proto = onnx.helper.make_node(op, inputs, outputs, name=name)
    kinds = onnx.AttributeProto
    proto.attribute.extend(
        onnx.helper.make_attribute(k, v, attr_type=kinds.INT if isinstance(v, int) else kinds.INTS)
        for k, v in attributes.items()
    )
    said: Mapping[str, Attribute] = dict(attributes)
    return Node(name, op, "", inputs, outputs, said, proto)


def unknown(node: Node, what: str) -> NetworkError:
    """Return the error for what a node needs and only a run knows."""
    return NetworkError(
        f"node '{node.name}' ({node.op}): {what} is not known before the run; export the network "
        "with tensors in place of sequences"
    )
