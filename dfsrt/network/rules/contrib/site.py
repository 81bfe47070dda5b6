"""Where a shape is asked for: a node with the types of its operands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dfsrt.base.errors import NetworkError
from dfsrt.network.file.constants import Array
from dfsrt.network.graph import Node
from dfsrt.network.rules.contrib.facts import Typed


def _nothing(_: str) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Site:
    """A node and its operands' types, ``None`` where one is absent.

    ``value_of`` gives the value of a small constant by its name, ``declared`` the type that the
    file states for an output.
    """

    node: Node
    operands: Sequence[Typed | None]
    value_of: Callable[[str], Array | None] = _nothing
    declared: Callable[[str], Typed | None] = _nothing

    def optional(self, index: int) -> Typed | None:
        """Return an operand's type, or ``None`` where the node leaves it out."""
        return self.operands[index] if index < len(self.operands) else None

    def operand(self, index: int) -> Typed:
        """Return the type of an operand that the operator cannot do without.

        Raises:
            NetworkError: the node does not have it.
        """
        typed = self.optional(index)
        if typed is None:
            raise NetworkError(
                f"node '{self.node.name}' ({self.node.op}) lacks operand {index}; "
                "export the file again"
            )
        return typed

    def element(self, index: int) -> int:
        """Return the element type of an operand."""
        return self.operand(index)[0]

    def shape(self, index: int, *ranks: int) -> tuple[int, ...]:
        """Return an operand's shape, of one of some ranks.

        Raises:
            NetworkError: it has another rank.
        """
        shape = self.operand(index)[1]
        if ranks and len(shape) not in ranks:
            allowed = " or ".join(map(str, ranks))
            raise self.refuse(f"operand {index} has the shape {list(shape)} and not {allowed} axes")
        return shape

    def value(self, index: int) -> Array | None:
        """Return the value of a small constant operand, of any shape, if it is one."""
        name = self.node.inputs[index] if index < len(self.node.inputs) else ""
        return self.value_of(name) if name else None

    def positive(self, name: str) -> int:
        """Return an attribute that must be 1 or more.

        Raises:
            NetworkError: it is absent or less.
        """
        number = self.node.attribute(name, 0)
        if number < 1:
            raise self.refuse(f"attribute '{name}' is {number}, it must be 1 or more")
        return number

    def refuse(self, what: str) -> NetworkError:
        """Return the error for a node whose operands contradict each other."""
        return NetworkError(
            f"node '{self.node.name}' ({self.node.op}): {what}; export the file again"
        )
