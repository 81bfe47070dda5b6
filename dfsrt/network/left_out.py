"""What a network leaves out: nodes without a rule, and those whose shapes nobody knows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dfsrt.network.tensor import Tensor

if TYPE_CHECKING:
    from dfsrt.network.graph import Node

SHOWN = 6
"""Operators that are named; of more the rest is counted."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What is left out of ``nodes`` nodes and of ``moved_bytes``, of which nobody knows the MACs.

    ``as_memory`` counts by operator the nodes without a rule, which move ``memory_bytes`` and do
    nothing else. ``without_shape`` counts those that are in no layer, since a tensor that they read
    or make has no known shape.
    """

    nodes: int
    as_memory: tuple[tuple[str, int], ...]
    without_shape: tuple[tuple[str, int], ...]
    moved_bytes: int
    memory_bytes: int

    @property
    def notes(self) -> tuple[str, ...]:
        """What reports say of it first."""
        return (*self._of_memory(), *self._of_shapes())

    def _of_memory(self) -> list[str]:
        if not self.as_memory:
            return []
        share = self.memory_bytes / max(self.moved_bytes, 1)
        return [
            f"{self._counted(self.as_memory)} no rule: they count as memory traffic only, "
            f"{share:.1%} of all bytes, and without their MACs"
        ]

    def _of_shapes(self) -> list[str]:
        if not self.without_shape:
            return []
        return [
            f"{self._counted(self.without_shape)} no shape that is known: they are left out, with "
            "all their bytes and MACs"
        ]

    def _counted(self, operators: Sequence[tuple[str, int]]) -> str:
        count = sum(number for _, number in operators)
        some = sorted(operators, key=lambda pair: -pair[1])[:SHOWN]
        named = ", ".join(f"{number} {op}" for op, number in some)
        rest = count - sum(number for _, number in some)
        more = f" and {rest} others" if rest else ""
        verb = "has" if count == 1 else "have"
        share = count / max(self.nodes, 1)
        return f"{count:,} of {self.nodes:,} nodes ({share:.1%}: {named}{more}) {verb}"


def nothing_runs(operators: Sequence[tuple[str, int]]) -> str:
    """Return the message for a network of which nothing is left."""
    some = sorted(operators, key=lambda pair: -pair[1])[:SHOWN]
    named = ", ".join(f"{number} {op}" for op, number in some)
    return (
        f"nothing of the network is left to run: its nodes ({named}) have neither a rule nor a "
        "shape that is known; give a network that computes with numbers"
    )


def text_notes(tensors: Iterable[Tensor]) -> list[str]:
    """Say how many elements of text are left out; none are where a network is read strictly."""
    texts = [tensor for tensor in tensors if tensor.dtype == "string"]
    if not texts:
        return []
    count = sum(tensor.elements for tensor in texts)
    return [f"{count:,} elements of text in {len(texts)} tensors count as no bytes: left out"]


def by_operator(nodes: Sequence[Node]) -> tuple[tuple[str, int], ...]:
    """Return how often each operator occurs, sorted by name."""
    return tuple(sorted(Counter(node.op for node in nodes).items()))
