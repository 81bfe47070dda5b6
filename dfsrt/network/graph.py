"""A graph of nodes in a valid order, checked, with its constants known by shape."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import onnx

from dfsrt.base.errors import NetworkError
from dfsrt.network.file.constants import Constant, constant_of_node, constant_of_tensor
from dfsrt.network.file.reader import STANDARD_DOMAINS

CONTROL_FLOW = {"If", "Loop", "Scan", "SequenceMap"}

Attribute = (
    int
    | float
    | str
    | tuple[int, ...]
    | tuple[float, ...]
    | tuple[str, ...]
    | onnx.GraphProto
    | None
)
"""What a node may say of itself; None is what no rule asks for."""
Kind = TypeVar("Kind", int, float, str, tuple[int, ...], tuple[str, ...])
_KINDS = {int: "a whole number", float: "a number", str: "text", tuple: "a list"}


@dataclass(frozen=True, slots=True)
class Node:
    """One ONNX node: its unique name, operator, operands (``""`` where absent), attributes.

    ``captures`` names the outer tensors that the node's subgraphs read. A node inside a ``loop``,
    the innermost one's name, runs ``times`` times. A node that stands for an operator of
    onnxruntime has an operator set of its own in ``version`` (0 is the file's), and in ``element``
    the element type of its result where operands do not say it (0 where they do).
    """

    name: str
    op: str
    domain: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Attribute]
    proto: onnx.NodeProto
    captures: frozenset[str] = frozenset()
    times: int = 1
    loop: str = ""
    version: int = 0
    element: int = 0

    def attribute(self, name: str, default: Kind) -> Kind:
        """Return an attribute's value, or ``default``, which says of what kind it is.

        Raises:
            NetworkError: a value of another kind.
        """
        value = self.attributes.get(name, default)
        if isinstance(value, type(default)):
            return value
        raise NetworkError(
            f"node '{self.name}' ({self.op}) has {name} = {value!r} where {_KINDS[type(default)]} "
            "is meant; export the file again"
        )

    def per_axis(self, name: str, axes: int) -> tuple[int, ...]:
        """Return an attribute that has a number for each of so many axes, 1 for each by default.

        Raises:
            NetworkError: it is of another kind.
        """
        return self.attribute(name, ()) or (1,) * axes

    @property
    def holds_graphs(self) -> bool:
        """Whether the node is an If or a loop."""
        return self.op in CONTROL_FLOW and not self.domain

    @property
    def reads(self) -> set[str]:
        """Names of all tensors that the node needs."""
        return {name for name in self.inputs if name} | self.captures


@dataclass(slots=True)
class Graph:
    """Nodes in a valid order of execution, the run-time inputs, outputs and constants.

    ``declared`` are the types that the file states for tensors, ``dims`` the sizes given by name.
    """

    nodes: list[Node]
    inputs: tuple[onnx.ValueInfoProto, ...]
    outputs: tuple[str, ...]
    constants: dict[str, Constant]
    declared: dict[str, onnx.TypeProto] = field(default_factory=dict)
    dims: Mapping[str, int] = field(default_factory=dict)


def build_graph(proto: onnx.GraphProto) -> Graph:
    """Return the checked graph: nodes sorted, those that no output needs dropped.

    Raises:
        NetworkError: a tensor is made twice or never, or the nodes form a cycle.
    """
    constants = initializers(proto)
    nodes = take_nodes(proto, constants)
    inputs = tuple(i for i in proto.input if i.name not in constants)
    outputs = tuple(o.name for o in proto.output)
    if not outputs:
        raise NetworkError("the graph has no outputs; export the network with its outputs")
    producers = _producers(nodes, [*constants, *(i.name for i in inputs)])
    _check_reads(nodes, outputs, producers)
    declared = {i.name: i.type for i in (*proto.value_info, *proto.output)}
    return Graph(_live(_sorted(nodes, producers), outputs), inputs, outputs, constants, declared)


def initializers(proto: onnx.GraphProto) -> dict[str, Constant]:
    """Return the graph's stored constants by name, dense and sparse."""
    constants = {t.name: constant_of_tensor(t) for t in proto.initializer}
    for sparse in proto.sparse_initializer:
        constants[sparse.values.name] = Constant(tuple(sparse.dims), sparse.values.data_type)
    return constants


def take_nodes(
    proto: onnx.GraphProto, constants: dict[str, Constant], prefix: str = ""
) -> list[Node]:
    """Return the graph's nodes under unique names; ``Constant`` nodes go to ``constants``."""
    names = [prefix + name for name in unique_names(proto.node)]
    nodes = []
    for node, name in zip(proto.node, names, strict=True):
        if node.op_type == "Constant" and node.domain in STANDARD_DOMAINS:
            _add_constant(node, name, constants)
        else:
            nodes.append(node_of(node, name))
    return nodes


def named_nodes(proto: onnx.GraphProto) -> list[Node]:
    """Return the graph's nodes under the names that they have in ``take_nodes``."""
    names = unique_names(proto.node)
    return [node_of(node, name) for node, name in zip(proto.node, names, strict=True)]


def _add_constant(node: onnx.NodeProto, name: str, constants: dict[str, Constant]) -> None:
    if len(node.output) != 1 or node.output[0] in constants:
        raise NetworkError(f"Constant node '{name}' defines a tensor again; export the file anew")
    constants[node.output[0]] = constant_of_node(node, name)


def unique_names(protos: Sequence[onnx.NodeProto]) -> list[str]:
    """Return each node's own name, where it has one that none before took, or ``<op>_<index>``."""
    given = {node.name for node in protos if node.name}
    taken: set[str] = set()
    names = []
    for index, node in enumerate(protos):
        name = node.name
        if not name or name in taken:
            name = f"{node.op_type}_{index}"
            while name in taken or name in given:
                name += "_"
        taken.add(name)
        names.append(name)
    return names


def node_of(proto: onnx.NodeProto, name: str) -> Node:
    """Return a node of the format under the name that it has in the graph."""
    domain = "" if proto.domain in STANDARD_DOMAINS else proto.domain
    captures = frozenset[str]()
    if proto.op_type in CONTROL_FLOW:
        captures = frozenset().union(*(_free(a.g) for a in proto.attribute if a.HasField("g")))
    return Node(
        name=name,
        op=proto.op_type,
        domain=domain,
        inputs=tuple(proto.input),
        outputs=tuple(proto.output),
        attributes={a.name: _value(a) for a in proto.attribute},
        proto=proto,
        captures=captures,
    )


def _free(graph: onnx.GraphProto) -> set[str]:
    """Names that a subgraph reads from the graph around it."""
    own = {t.name for t in graph.initializer} | {i.name for i in graph.input}
    own |= {name for node in graph.node for name in node.output}
    read = {name for node in graph.node for name in node.input if name}
    read |= {o.name for o in graph.output}
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.HasField("g"):
                read |= _free(attribute.g)
    return read - own


def _value(attribute: onnx.AttributeProto) -> Attribute:
    kind = attribute.type
    if kind == onnx.AttributeProto.INT:
        return attribute.i
    if kind == onnx.AttributeProto.INTS:
        return tuple(attribute.ints)
    if kind == onnx.AttributeProto.FLOAT:
        return attribute.f
    if kind == onnx.AttributeProto.FLOATS:
        return tuple(attribute.floats)
    if kind == onnx.AttributeProto.STRING:
        return attribute.s.decode("utf-8", "replace")
    if kind == onnx.AttributeProto.STRINGS:
        return tuple(text.decode("utf-8", "replace") for text in attribute.strings)
    if kind == onnx.AttributeProto.GRAPH:
        return attribute.g
    return None


def _producers(nodes: Iterable[Node], sources: Iterable[str]) -> dict[str, int]:
    """Return which node makes each tensor; -1 for constants and inputs."""
    producers = dict.fromkeys(sources, -1)
    for index, node in enumerate(nodes):
        for name in node.outputs:
            if name in producers:
                raise NetworkError(
                    f"tensor '{name}' is made twice, the second time by node '{node.name}'; "
                    "every tensor may have one producer: export the file again"
                )
            if name:
                producers[name] = index
    return producers


def _check_reads(nodes: Iterable[Node], outputs: Iterable[str], made: Mapping[str, int]) -> None:
    for node in nodes:
        for name in sorted(node.reads):
            if name not in made:
                raise NetworkError(
                    f"node '{node.name}' ({node.op}) reads tensor '{name}', which nothing makes; "
                    "the file is broken: export it again"
                )
    for name in outputs:
        if name not in made:
            raise NetworkError(f"graph output '{name}' is made by no node; export the file again")


def _sorted(nodes: Sequence[Node], made: Mapping[str, int]) -> list[Node]:
    """Sort topologically, keeping the file's order wherever it is valid."""
    waits = [{made[name] for name in node.reads if made[name] >= 0} for node in nodes]
    users: list[list[int]] = [[] for _ in nodes]
    for index, needed in enumerate(waits):
        for producer in needed:
            users[producer].append(index)
    left = [len(needed) for needed in waits]
    ready = [index for index, count in enumerate(left) if count == 0]
    order = []
    while ready:
        index = heapq.heappop(ready)
        order.append(nodes[index])
        for user in users[index]:
            left[user] -= 1
            if left[user] == 0:
                heapq.heappush(ready, user)
    if len(order) < len(nodes):
        stuck = next(nodes[index].name for index, count in enumerate(left) if count)
        raise NetworkError(
            f"the graph has a cycle through or before node '{stuck}'; an ONNX graph must be "
            "acyclic: export the file again"
        )
    return order


def _live(nodes: Sequence[Node], outputs: Iterable[str]) -> list[Node]:
    """Drop nodes from which no graph output can be reached."""
    needed, kept = set(outputs), []
    for node in reversed(nodes):
        if not needed.isdisjoint(node.outputs):
            kept.append(node)
            needed |= node.reads
    return kept[::-1]
