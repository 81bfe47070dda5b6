"""If nodes whose condition is constant: the branch taken, written into the graph."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import onnx

from dfsrt.base.errors import NetworkError
from dfsrt.network.constants import Constant
from dfsrt.network.dims import set_named_dims
from dfsrt.network.graph import Graph, Node, initializers, take_nodes


def inline_branch(node: Node, graph: Graph, taken: set[str]) -> list[Node]:
    """Return the nodes of the branch that always runs; its constants and types join ``graph``.

    Branches may use the same names, so what the branch makes gets names that are not ``taken``.

    Raises:
        NetworkError: the condition depends on run-time values.
    """
    chosen = "then_branch" if _condition(node, graph.constants) else "else_branch"
    branch = _with_own_names(_branch(node, chosen), node.name, taken)
    graph.constants.update(initializers(branch))
    for value in (*branch.value_info, *branch.output):
        graph.declared.setdefault(value.name, set_named_dims(value.type, graph.dims))
    inner = take_nodes(branch, graph.constants, prefix=f"{node.name}/")
    for index, (made, wanted) in enumerate(zip(branch.output, node.outputs, strict=True)):
        proto = onnx.helper.make_node("Identity", [made.name], [wanted])
        name = f"{node.name}/output_{index}"
        inner.append(Node(name, "Identity", "", (made.name,), (wanted,), {}, proto))
    return inner


def _with_own_names(branch: onnx.GraphProto, prefix: str, taken: set[str]) -> onnx.GraphProto:
    """Return a copy in which every tensor that the branch makes has a free name."""
    names: dict[str, str] = {}
    for name in dict.fromkeys(_made(branch)):
        names[name] = f"{prefix}/{name}"
        while names[name] in taken:
            names[name] += "_"
        taken.add(names[name])
    copy = onnx.GraphProto()
    copy.CopyFrom(branch)
    _rename(copy, names)
    return copy


def _made(graph: onnx.GraphProto) -> Iterator[str]:
    yield from (tensor.name for tensor in graph.initializer)
    yield from (sparse.values.name for sparse in graph.sparse_initializer)
    yield from (name for node in graph.node for name in node.output if name)


def _rename(graph: onnx.GraphProto, names: Mapping[str, str]) -> None:
    sparse = (s.values for s in graph.sparse_initializer)
    for owner in (*graph.initializer, *sparse, *graph.value_info, *graph.output):
        owner.name = names.get(owner.name, owner.name)
    for node in graph.node:
        node.input[:] = [names.get(name, name) for name in node.input]
        node.output[:] = [names.get(name, name) for name in node.output]
        for attribute in node.attribute:
            if attribute.HasField("g"):
                _rename_outer(attribute.g, names)


def _rename_outer(graph: onnx.GraphProto, names: Mapping[str, str]) -> None:
    """Rename what a subgraph reads from around it, and not what it makes itself."""
    own = {*_made(graph), *(value.name for value in graph.input)}
    _rename(graph, {old: new for old, new in names.items() if old not in own})


def _branch(node: Node, name: str) -> onnx.GraphProto:
    branch = node.attributes.get(name)
    if isinstance(branch, onnx.GraphProto):
        return branch
    raise NetworkError(f"node '{node.name}' (If) has no {name}; export the file again")


def _condition(node: Node, constants: Mapping[str, Constant]) -> bool:
    constant = constants.get(node.inputs[0])
    if constant is None or constant.value is None:
        raise NetworkError(
            f"node '{node.name}' is control flow (If) on run-time values; export the network "
            "without it"
        )
    return bool(constant.value.reshape(-1)[0])
