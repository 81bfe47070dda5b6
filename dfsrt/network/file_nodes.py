"""What else a network's file names: nodes that are in no layer, and who makes which tensor."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dfsrt.network.graph import Node


@dataclass(frozen=True, slots=True)
class FileNodes:
    """Nodes of a network's file, by name.

    ``settled`` are in no layer: their results are known before a run, or nobody reads them.
    ``constant`` are those of them that read no input. ``makers`` has each tensor's name with that
    of the node that makes it. ``holders`` are those that hold graphs: what runs in them has their
    name and a '/' before its own.
    """

    settled: tuple[str, ...] = ()
    constant: tuple[str, ...] = ()
    makers: tuple[tuple[str, str], ...] = ()
    holders: tuple[str, ...] = ()


def file_nodes(
    nodes: Sequence[Node], running: Collection[Node], inputs: Iterable[str]
) -> FileNodes:
    """Return what a graph's ``nodes``, of which some are ``running``, are called."""
    runs = {node.name for node in running}
    settled = [node for node in nodes if node.name not in runs]
    constant = _constant(nodes, inputs)
    return FileNodes(
        tuple(node.name for node in settled),
        tuple(node.name for node in settled if node.name in constant),
        tuple((name, n.name) for n in (*running, *settled) for name in n.outputs if name),
        tuple(node.name for node in nodes if node.holds_graphs),
    )


def _constant(nodes: Sequence[Node], inputs: Iterable[str]) -> set[str]:
    """Names of the nodes that neither a value of an input nor its shape reaches."""
    reached, constant = set(inputs), set()
    for node in nodes:
        if reached.isdisjoint(node.reads):
            constant.add(node.name)
        else:
            reached.update(node.outputs)
    return constant
