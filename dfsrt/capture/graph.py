"""The bare graph of a model: which node reads and makes which tensors."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import onnx

UNSTABLE = {"RandomNormal", "RandomUniform"}
"""Operators without inputs whose outputs are no constants."""


@dataclass(frozen=True, slots=True)
class Node:
    """One node of a graph, by the names of its tensors; ``""`` stands for an absent one."""

    name: str
    op: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    domain: str = ""


@dataclass(frozen=True)
class BareGraph:
    """Nodes in the file's order, and the tensors that are given at run time."""

    nodes: tuple[Node, ...]
    inputs: frozenset[str] = field(default_factory=frozenset)

    @cached_property
    def makers(self) -> dict[str, int]:
        """The index of the node that makes each tensor."""
        return {name: i for i, node in enumerate(self.nodes) for name in node.outputs if name}

    @cached_property
    def users(self) -> dict[str, list[int]]:
        """The indices of the nodes that read each tensor."""
        users: dict[str, list[int]] = {}
        for index, node in enumerate(self.nodes):
            for name in dict.fromkeys(node.inputs):
                users.setdefault(name, []).append(index)
        return users

    @cached_property
    def constants(self) -> frozenset[int]:
        """Indices of the nodes that work out constants: they need no input of the graph.

        A node comes after those that it reads from, as ONNX asks.
        """
        varying, constant = set(self.inputs), set()
        for index, node in enumerate(self.nodes):
            if node.op in UNSTABLE or any(name in varying for name in node.inputs):
                varying.update(node.outputs)
            else:
                constant.add(index)
        return frozenset(constant)


def bare_graph(model: onnx.ModelProto) -> BareGraph:
    """Return the top level of ``model``; a node reads what its subgraphs read from around them."""
    graph = model.graph
    stored = {tensor.name for tensor in graph.initializer}
    stored |= {tensor.values.name for tensor in graph.sparse_initializer}
    nodes = tuple(
        Node(n.name, n.op_type, (*n.input, *_captured(n)), tuple(n.output), n.domain)
        for n in graph.node
    )
    return BareGraph(nodes, frozenset(i.name for i in graph.input if i.name not in stored))


def _captured(node: onnx.NodeProto) -> Iterable[str]:
    """Names that a node's subgraphs read; those that are their own do no harm."""
    for attribute in node.attribute:
        for graph in (attribute.g, *attribute.graphs):
            for inner in graph.node:
                yield from inner.input
                yield from _captured(inner)
            yield from (output.name for output in graph.output)
