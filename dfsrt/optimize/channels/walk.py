"""A walk over a graph that labels the axes of every tensor."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from dfsrt.network.file.constants import Array, Constant
from dfsrt.network.graph import Node
from dfsrt.network.tensor import Tensor
from dfsrt.optimize.channels.cut import Cut
from dfsrt.optimize.channels.labels import Axes, Axis, Labels

Fix = Callable[[Cut], None]
"""Corrects a node of the smaller graph: a count or a bound that it states."""


class Unclear(Exception):  # noqa: N818 - no error: what is not understood stays as it is
    """What a node does to the channels that it reads is not known; the message ends a reason."""


@dataclass(slots=True)
class Walk:
    """The labels of all axes so far, by tensor, and what must be corrected in the smaller graph.

    ``tensors`` and ``constants`` have the shapes; those of ``inputs`` stay, those of ``stored``
    constants may shrink. ``sizes`` are tensors that tell sizes of others, with the axes of those.
    """

    tensors: Mapping[str, Tensor]
    constants: Mapping[str, Constant]
    inputs: frozenset[str]
    stored: frozenset[str]
    opset: int
    labels: Labels = field(default_factory=Labels)
    axes: dict[str, Axes] = field(default_factory=dict)
    sizes: dict[str, Axes] = field(default_factory=dict)
    fixes: list[Fix] = field(default_factory=list)

    def has_shape(self, name: str) -> bool:
        """Whether the shape of a tensor is known."""
        return name in self.tensors or name in self.constants

    def shape(self, name: str) -> tuple[int, ...]:
        """Return the shape of a tensor."""
        tensor = self.tensors.get(name)
        return self.constants[name].shape if tensor is None else tensor.shape

    def read(self, name: str, why: str = "") -> Axes:
        """Return the axes of a tensor that a node computes with; a stored one's are new at first.

        Of a tensor that tells sizes those sizes stay, for the reason of ``why``.
        """
        for axis in self.sizes.get(name, ()):
            self.labels.pin(axis, why)
        if name not in self.axes:
            shape = self.shape(name) if self.has_shape(name) else ()
            free = name in self.stored and name not in self.inputs
            self.axes[name] = [self.labels.fresh(n) if free else None for n in shape]
        return list(self.axes[name])

    def operand(self, node: Node, place: int) -> Axes:
        """Return the axes of an operand; none where it is left out."""
        name = self.name(node, place)
        return self.read(name, f"their count is read by {title(node)}") if name else []

    def name(self, node: Node, place: int) -> str:
        """Return the name of an operand, empty where it is left out."""
        return node.inputs[place] if place < len(node.inputs) else ""

    def setting(self, node: Node, place: int) -> Array | None:
        """Return the value of an operand, of any shape, that says what to do; None without one.

        Raises:
            Unclear: only a run knows it.
        """
        name = self.name(node, place)
        if not name:
            return None
        constant = self.constants.get(name)
        if constant is None or constant.value is None:
            raise Unclear(f"whose operand '{name}' is not known before a run")
        if name in self.sizes:
            value = constant.value
            self.fixes.append(lambda cut: cut.set_operand(node, place, value))
        else:
            self.pin(self.read(name))
        return constant.value

    def numbers(self, node: Node, place: int) -> list[int] | None:
        """Return an operand that says what to do as whole numbers; None without one.

        Raises:
            Unclear: only a run knows them.
        """
        value = self.setting(node, place)
        return None if value is None else [int(n) for n in value.reshape(-1)]

    def pin(self, axes: Iterable[Axis], why: str = "") -> None:
        """Let all places of ``axes``, each ``(n,)``, stay."""
        for axis in axes:
            self.labels.pin(axis, why)

    def join_vector(self, axis: Axis, node: Node, place: int) -> Axis:
        """Join an axis ``(n,)`` with a vector's, an operand; a single number fits every axis.

        Raises:
            Unclear: a tensor of more axes.
        """
        vector = self.operand(node, place)
        if not vector or np.prod(self.shape(node.inputs[place])) == 1:
            return axis
        if len(vector) != 1:
            raise Unclear(f"whose operand '{node.inputs[place]}' is no vector")
        return self.labels.join(axis, vector[0])


def title(node: Node) -> str:
    """Return how messages name a node."""
    return f"node '{node.name}' ({node.op})"
