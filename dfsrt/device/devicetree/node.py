"""A device tree as nodes, the same from text and from a compiled file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

DEEPEST = 64
"""Nodes nest no deeper: real trees stay below 12."""

MOST_NODES = 20_000
"""In a tree: real ones have below 10,000. Of labels there are no more, either."""

MOST_PROPERTIES = 10 * MOST_NODES

REFERENCES = (
    *("operating-points-v2", "required-opps", "domain-idle-states", "cpu-idle-states"),
    "power-domains",
)
"""Properties that hold phandles, and are followed; in the last other numbers may stand between."""


@dataclass(frozen=True, slots=True)
class Property:
    """The bytes of a value, and the ``place`` that errors name.

    ``macro`` is a name in the value that nothing defines; the value is unknown then.
    """

    name: str
    value: bytes
    place: str
    macro: str = ""

    @property
    def cells(self) -> tuple[int, ...]:
        """The value as 32-bit numbers; empty where it is not a row of those."""
        if len(self.value) % 4:
            return ()
        return tuple(
            int.from_bytes(self.value[at : at + 4], "big") for at in range(0, len(self.value), 4)
        )

    @property
    def text(self) -> str:
        """The first string of the value."""
        return self.value.partition(b"\0")[0].decode("utf-8", "replace")


@dataclass(slots=True, eq=False)
class Node:
    """A node with its ``labels``; ``refs`` has the nodes that its references point at.

    A stranger, which a text adds to and that stands elsewhere, ``stands_for`` the node that it
    turns out to be.
    """

    name: str
    place: str
    parent: Node | None = None
    labels: list[str] = field(default_factory=list)
    properties: dict[str, Property] = field(default_factory=dict)
    children: dict[str, Node] = field(default_factory=dict)
    refs: dict[str, list[Node]] = field(default_factory=dict)
    stands_for: Node | None = None

    @property
    def path(self) -> str:
        """The full path, like ``/npu@fdab0000/opp-table``; of a stranger like ``&npu``."""
        names: list[str] = []
        node: Node | None = self
        while node is not None:
            names.append(node.name)
            node = node.parent
        top = names.pop()
        return "/".join([top.rstrip("/"), *reversed(names)]) if names else top

    def walk(self) -> Iterator[Node]:
        """Yield this node and all below it, in their order."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            yield node
            waiting += reversed(node.children.values())

    def at(self, path: str) -> Node | None:
        """Return the node at ``path`` below this one."""
        node: Node | None = self
        for name in filter(None, path.split("/")):
            node = node.children.get(name) if node else None
        return node

    def targets(self, name: str) -> list[Node]:
        """Return the nodes that the property ``name`` points at."""
        return [node.itself() for node in self.refs.get(name, ())]

    def itself(self) -> Node:
        """Return the node that this one became part of, or this one."""
        node = self
        while node.stands_for is not None:
            node = node.stands_for
        return node

    def take(self, other: Node) -> None:
        """Take all that ``other`` says on top of what this node says."""
        self.labels += [label for label in other.labels if label not in self.labels]
        self.properties.update(other.properties)
        self.refs.update(other.refs)
        for name, child in other.children.items():
            if name in self.children:
                self.children[name].take(child)
            else:
                self.children[name] = child
                child.parent = self
        other.stands_for = self


@dataclass(slots=True, eq=False)
class DeviceTree:
    """The ``root``; ``strangers`` by label or path, which are added to here and stand elsewhere.

    ``missing`` has what an ``#include`` named and nobody had, ``notes`` what was passed over, and
    ``source`` is what errors call the tree.
    """

    source: str
    root: Node
    strangers: dict[str, Node] = field(default_factory=dict)
    is_overlay: bool = False
    missing: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def tops(self) -> list[Node]:
        """Return the root and the strangers that say something."""
        return [self.root, *(n for n in self.strangers.values() if n.children or n.properties)]

    def walk(self) -> Iterator[Node]:
        """Yield all nodes, those of strangers last."""
        for top in self.tops():
            yield from top.walk()
