"""What a rule answers, and what it is asked with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from dfsrt.base.errors import NetworkError
from dfsrt.network.file.constants import Array, Constant
from dfsrt.network.graph import Node
from dfsrt.network.layer import Gemm, Kind, Operands
from dfsrt.network.tensor import Tensor
from dfsrt.network.window import Window


@dataclass(frozen=True, slots=True)
class Work:
    """What one node asks of the hardware.

    ``operands`` names what each of ``gemms`` multiplies and makes. ``touched`` gives the elements
    really read of an operand, by its position, where that is not all of them. ``settings`` are the
    operands that a compiler reads and the hardware does not (a shape, axes, pads). ``packed`` has
    shape and type of what an operand's bytes hold, ``sides`` the operands with scales and zero
    points of its blocks, ``appended`` the new elements of an output that a runtime keeps where the
    longer tensor lies (a cache of keys), all by position. ``note`` is what reports say of a choice
    that the rule had to make, ``window`` what slides over images.
    """

    kind: Kind
    gemms: tuple[Gemm, ...] = ()
    operands: tuple[Operands, ...] = ()
    vector_ops: int = 0
    touched: Mapping[int, int] = field(default_factory=dict)
    settings: frozenset[int] = frozenset()
    packed: Mapping[int, tuple[tuple[int, ...], str]] = field(default_factory=dict)
    sides: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    appended: Mapping[int, int] = field(default_factory=dict)
    note: str = ""
    window: Window | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """One node with the tensors it reads and writes; ``None`` where an optional one is absent."""

    node: Node
    inputs: tuple[Tensor | None, ...]
    outputs: tuple[Tensor | None, ...]
    constants: Mapping[str, Constant]

    def input(self, index: int) -> Tensor:
        """Return an operand that the operator cannot do without.

        Raises:
            NetworkError: the node does not have it.
        """
        tensor = self.optional(index)
        if tensor is None:
            raise NetworkError(
                f"node '{self.node.name}' ({self.node.op}) lacks operand {index}; "
                "export the file again"
            )
        return tensor

    def optional(self, index: int) -> Tensor | None:
        """Return an operand, or ``None`` where the node leaves it out."""
        return self.inputs[index] if index < len(self.inputs) else None

    def names(self, *indices: int) -> tuple[str, ...]:
        """Return the names of those of some operands that the node has."""
        present = (self.optional(index) for index in indices)
        return tuple(tensor.name for tensor in present if tensor is not None)

    @property
    def output(self) -> Tensor:
        """The first output that is used.

        Raises:
            NetworkError: none is.
        """
        for tensor in self.outputs:
            if tensor is not None:
                return tensor
        raise NetworkError(f"node '{self.node.name}' ({self.node.op}) has no used output")

    def value(self, index: int) -> Array | None:
        """Return the value of a small constant operand, if it is one."""
        tensor = self.optional(index)
        constant = None if tensor is None else self.constants.get(tensor.name)
        return None if constant is None else constant.value

    def refuse(self, what: str) -> NetworkError:
        """Return the error for a node whose operands contradict each other."""
        return NetworkError(
            f"node '{self.node.name}' ({self.node.op}): {what}; export the file again"
        )


Rule = Callable[[Call], Work]
