"""What is known of tensors when a node's turn comes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from dfsrt.network.file.constants import Array, Constant

Typed = tuple[int, tuple[int, ...]]
"""An ONNX element type and a shape."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Types of all tensors made so far, by ``typed``, and the graph's ``constants``.

    ``forget`` is called with the name of a constant that has changed.
    """

    typed: Callable[[str], Typed]
    constants: dict[str, Constant]
    forget: Callable[[str], object]

    def element(self, name: str) -> int:
        """Return the ONNX element type of a tensor."""
        return self.typed(name)[0]

    def shape(self, name: str) -> tuple[int, ...]:
        """Return the shape of a tensor."""
        return self.typed(name)[1]

    def value(self, name: str) -> Array | None:
        """Return the value of a small constant, of any shape, if it is one."""
        constant = self.constants.get(name)
        return None if constant is None else constant.value

    def reshape(self, name: str, shape: tuple[int, ...]) -> None:
        """Let a constant have another shape, whose values are not known."""
        if self.constants[name].shape != shape:
            self.constants[name] = replace(self.constants[name], shape=shape, value=None)
            self.forget(name)
