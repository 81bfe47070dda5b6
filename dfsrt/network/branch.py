"""If nodes whose condition is constant: the branch taken, written into the graph."""

from __future__ import annotations

from collections.abc import Mapping

import onnx

from dfsrt.errors import NetworkError
from dfsrt.network.constants import Constant, constant_of_tensor
from dfsrt.network.graph import Node, take_nodes


def inline_branch(node: Node, constants: dict[str, Constant]) -> list[Node]:
    """Return the nodes of the branch that always runs; its constants join ``constants``.

    Raises:
        NetworkError: the condition depends on run-time values.
    """
    branch = node.attribute("then_branch" if _condition(node, constants) else "else_branch")
    for tensor in branch.initializer:
        constants[tensor.name] = constant_of_tensor(tensor)
    inner = take_nodes(branch, constants, prefix=f"{node.name}/")
    for index, (made, wanted) in enumerate(zip(branch.output, node.outputs, strict=True)):
        proto = onnx.helper.make_node("Identity", [made.name], [wanted])
        name = f"{node.name}/output_{index}"
        inner.append(Node(name, "Identity", "", (made.name,), (wanted,), {}, proto))
    return inner


def _condition(node: Node, constants: Mapping[str, Constant]) -> bool:
    constant = constants.get(node.inputs[0])
    if constant is None or constant.value is None:
        raise NetworkError(
            f"node '{node.name}' is control flow (If) on run-time values; export the network "
            "without it"
        )
    return bool(constant.value.reshape(-1)[0])
