"""Graphs inside nodes, written into the graph around them under names of their own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import onnx

from dfsrt.base.errors import NetworkError
from dfsrt.network.file.constants import constant_of_node
from dfsrt.network.file.reader import STANDARD_DOMAINS
from dfsrt.network.graph import Graph, Node, initializers, take_nodes, unique_names
from dfsrt.network.shapes.dims import set_named_dims


@dataclass(frozen=True, slots=True)
class Body:
    """A graph written out once: its nodes, and how its inputs and outputs are called now.

    The nodes' names begin with ``prefix``; with those of graphs in them there are ``weight``.
    """

    prefix: str
    weight: int
    nodes: list[Node]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Template:
    """A graph inside a node, whose constants are in the graph around it, once for all copies.

    ``prefix`` stands before the names of what the first copy makes; ``weight`` is as in ``Body``.
    """

    graph: onnx.GraphProto
    prefix: str
    weight: int

    @property
    def inputs(self) -> tuple[str, ...]:
        """The inputs' names in the file."""
        return tuple(value.name for value in self.graph.input)

    def write_out(
        self,
        into: Graph,
        taken: set[str],
        given: Mapping[str, str] | None = None,
        suffix: str = "",
    ) -> Body:
        """Return a copy's nodes, with names that are not ``taken``; declared types join ``into``.

        ``given`` are tensors outside that stand for inputs, by the inputs' names. ``suffix`` tells
        a copy's names from those of others.
        """
        names, prefix = dict(given or {}), self.prefix + suffix
        for name in dict.fromkeys((*self.inputs, *_made(self.graph))):
            if name not in names:
                names[name] = _free_name(f"{prefix}/{name}", taken)
        copy = onnx.GraphProto()
        copy.CopyFrom(self.graph)
        _rename(copy, names)
        for value in (*copy.value_info, *copy.output):
            into.declared.setdefault(value.name, set_named_dims(value.type, into.dims))
        nodes = take_nodes(copy, into.constants, prefix=f"{prefix}/")
        inputs = tuple(names[name] for name in self.inputs)
        return Body(f"{prefix}/", self.weight, nodes, inputs, tuple(o.name for o in copy.output))


def template(node: Node, attribute: str, into: Graph, taken: set[str]) -> Template:
    """Return the graph that a node holds; its constants join ``into`` under free names.

    Raises:
        NetworkError: the node holds no such graph, or a constant cannot be read.
    """
    graph = node.attributes.get(attribute)
    if not isinstance(graph, onnx.GraphProto):
        raise NetworkError(
            f"node '{node.name}' ({node.op}) has no {attribute}; export the file again"
        )
    light = onnx.GraphProto()
    for value, values in ((graph.input, light.input), (graph.output, light.output)):
        values.extend(value)
    light.value_info.extend(graph.value_info)
    constants = initializers(graph)
    for inner, name in zip(graph.node, unique_names(graph.node), strict=True):
        if inner.op_type == "Constant" and inner.domain in STANDARD_DOMAINS and inner.output:
            constants[inner.output[0]] = constant_of_node(inner, name)
        else:
            light.node.add().CopyFrom(inner)
            light.node[-1].name = name
    # An input that is stored, too, has a default, and no caller inside a graph sets it otherwise.
    given = {value.name for value in graph.input}
    names = {n: _free_name(f"{node.name}/{n}", taken) for n in constants if n not in given}
    _rename(light, names)
    into.constants.update({names[n]: c for n, c in constants.items() if n in names})
    return Template(light, node.name, _count(light))


def alias(name: str, source: str, target: str) -> Node:
    """Return the node by which ``source`` is known as ``target``, too."""
    return edge(name, "Identity", (source,), (target,))


def edge(
    name: str, op: str, sources: Iterable[str], targets: Iterable[str], loop: str = ""
) -> Node:
    """Return a node at which tensors pass between a graph and the one around it.

    At the way into a ``loop``, by name, it is passed once and not in every pass.
    """
    inputs, outputs = tuple(sources), tuple(targets)
    proto = onnx.helper.make_node(op, inputs, outputs, name=name)
    return Node(name, op, "", inputs, outputs, {}, proto, loop=loop)


def _count(graph: onnx.GraphProto) -> int:
    """Nodes of a graph and of all graphs in it."""
    inner = (a.g for node in graph.node for a in node.attribute if a.HasField("g"))
    return len(graph.node) + sum(map(_count, inner))


def _free_name(name: str, taken: set[str]) -> str:
    while name in taken:
        name += "_"
    taken.add(name)
    return name


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
