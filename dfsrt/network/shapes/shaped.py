"""A graph with its shapes: the nodes that run, and every tensor they touch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from dfsrt.network.file.constants import (
    Constant,
)
from dfsrt.network.file_nodes import FileNodes
from dfsrt.network.graph import Node
from dfsrt.network.rules.registry import rule_of
from dfsrt.network.tensor import Tensor


@dataclass(slots=True)
class Shaped:
    """The nodes that run, in order, with the shape of every tensor they touch.

    ``folded`` maps each tensor that a constant node makes to that node. ``named`` is what
    the file calls its nodes. ``dropped`` are nodes that run, too, but of no known shape;
    ``hosted`` names those that work on what no NPU computes with. ``notes`` are what reports say of
    how the graph was read.
    """

    nodes: list[Node]
    tensors: dict[str, Tensor]
    constants: dict[str, Constant]
    folded: dict[str, Node]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    named: FileNodes = field(default_factory=FileNodes)
    notes: list[str] = field(default_factory=list)
    kept: frozenset[str] = frozenset()
    dropped: list[Node] = field(default_factory=list)
    hosted: frozenset[str] = frozenset()

    def has_rule(self, node: Node) -> bool:
        """Return whether a node's own work is counted: it has a rule, and an NPU could run it."""
        return rule_of(node) is not None and node.name not in self.hosted

    @property
    def leaving(self) -> frozenset[str]:
        """What is written whoever reads it: outputs, and what a loop's next pass needs."""
        return self.kept.union(self.outputs)


def live_nodes(nodes: Sequence[Node], outputs: set[str]) -> list[Node]:
    """Return those of ``nodes``, in order, whose values reach one of ``outputs``."""
    needed, kept = set(outputs), []
    for node in reversed(nodes):
        if not needed.isdisjoint(node.outputs):
            kept.append(node)
            needed.update(node.inputs)
    return kept[::-1]
