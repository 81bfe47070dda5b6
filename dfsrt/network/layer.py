"""A layer: what one step of a network asks of the hardware, with no hardware named."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from dfsrt.network.tensor import Tensor


class Kind(StrEnum):
    """Which part of an NPU does a layer's own work."""

    MATRIX = "matrix"  # the multiply-accumulate array
    VECTOR = "vector"  # the vector unit
    MOVE = "move"  # memory only: data is copied or rearranged
    VIEW = "view"  # nothing at run time: the same bytes under another shape


@dataclass(frozen=True, slots=True)
class Gemm:
    """``count`` independent products of an (m, k) by a (k, n) matrix."""

    m: int
    k: int
    n: int
    count: int = 1

    @property
    def macs(self) -> int:
        """Multiply-accumulates of all ``count`` products."""
        return self.m * self.k * self.n * self.count


@dataclass(frozen=True, slots=True)
class Layer:
    """One unit of execution and of clock choice.

    ``nodes`` names the ONNX nodes that run inside it. ``inputs`` are read at run time,
    ``weights`` are constants, ``outputs`` are what later layers or the caller use.
    ``vector_ops`` are lane operations of the vector unit and take its cycles: the layer's own and,
    in a vector layer, those of all that joined it. ``fused_ops`` joined a matrix layer and ride on
    the drain of its array: they cost energy, and time only where the drain cannot keep up.
    """

    name: str
    op: str
    kind: Kind
    nodes: tuple[str, ...]
    inputs: tuple[Tensor, ...]
    weights: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    gemms: tuple[Gemm, ...] = ()
    vector_ops: int = 0
    fused_ops: int = 0

    @property
    def macs(self) -> int:
        """Multiply-accumulates; bias and elementwise work do not count."""
        return sum(g.macs for g in self.gemms)

    @property
    def weight_bytes(self) -> int:
        """Bytes of the constants, each in full."""
        return sum(t.bytes for t in self.weights)

    @property
    def input_bytes(self) -> int:
        """Bytes read at run time besides constants."""
        return sum(t.touched_bytes for t in self.inputs)

    @property
    def output_bytes(self) -> int:
        """Bytes written at run time."""
        return sum(t.touched_bytes for t in self.outputs)

    @property
    def index_only(self) -> bool:
        """Whether the layer multiplies nothing and touches no real-valued tensor."""
        tensors = (*self.inputs, *self.weights, *self.outputs)
        return not self.gemms and all(t.dtype in _INDEX_TYPES for t in tensors)

    @property
    def precision(self) -> str:
        """The arithmetic's precision: ``int8``, ``fp16`` or ``fp32``, from its widest operand.

        A product's operands count, not the bias, scales and residuals that join it later. Without
        a product, every real-valued tensor counts; a layer on indices and booleans alone
        (``index_only``) is integer bookkeeping and takes the narrowest arithmetic, ``int8``.
        """
        if self.index_only:
            return "int8"
        if not self.gemms:
            return _precision_of((*self.inputs, *self.weights, *self.outputs))
        matrix = tuple(t for t in self.weights if len(t.shape) > 1)[:1]
        return _precision_of((*self.inputs[:1], *(matrix or self.inputs[1:2])))


def _precision_of(tensors: tuple[Tensor, ...]) -> str:
    """Return the precision class of the widest arithmetic operand; indices do not count."""
    bits = max((t.bits for t in tensors if t.dtype not in _INDEX_TYPES), default=32)
    return "int8" if bits <= 8 else "fp16" if bits <= 16 else "fp32"


_INDEX_TYPES = {"int64", "uint64", "int32", "uint32", "bool"}
