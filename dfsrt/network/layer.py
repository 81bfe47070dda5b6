"""A layer: what one step of a network asks of the hardware, with no hardware named."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from dfsrt.base.errors import NetworkError
from dfsrt.network.tensor import INDEX_TYPES, PRECISION_OF, Tensor
from dfsrt.network.window import Window

PER_TOKEN, PER_CHUNK = 1, 2
"""What a layer that grows is a block for."""


class Kind(StrEnum):
    """Which part of an NPU does a layer's own work."""

    MATRIX = "matrix"  # the multiply-accumulate array
    VECTOR = "vector"  # the vector unit
    MOVE = "move"  # memory only: data is copied or rearranged
    VIEW = "view"  # nothing at run time: the same bytes under another shape


@dataclass(frozen=True, slots=True)
class Gemm:
    """``count`` independent products of an (m, k) by a (k, n) matrix, ``steps`` times in a row.

    A step waits for the results of the one before and multiplies by the same (k, n) matrices:
    products of a recurrent layer.
    """

    m: int
    k: int
    n: int
    count: int = 1
    steps: int = 1

    @property
    def macs(self) -> int:
        """Multiply-accumulates of all ``count`` products in all steps."""
        return self.m * self.k * self.n * self.count * self.steps


@dataclass(frozen=True, slots=True)
class Operands:
    """Names of the tensors that a product multiplies, ``a`` by ``b``, and of the one it makes.

    A side has several where they are joined on the way in (past keys and present ones), and none
    where it is made in the layer: the scores of an attention. So ``out`` is empty for all products
    of a layer but the last.
    """

    a: tuple[str, ...] = ()
    b: tuple[str, ...] = ()
    out: str = ""


@dataclass(frozen=True, slots=True)
class Layer:
    """One unit of execution and of clock choice.

    ``nodes`` names the ONNX nodes that run inside it. ``inputs`` are read at run time,
    ``weights`` are constants, ``outputs`` are what later layers or the caller use. ``operands``
    says for each of ``gemms`` which of them it multiplies and makes; all others are side inputs:
    biases, masks, residuals and constants of what joined the product.
    ``vector_ops`` are lane operations of the vector unit and take its cycles: the layer's own and,
    in a vector layer, those of all that joined it. ``fused_ops`` joined a matrix layer and ride on
    the drain of its array: they cost energy, and time only where the drain cannot keep up.
    ``joined`` are the operators of the nodes that did, those in the constants left out.
    A layer in a loop runs ``times`` times, one pass after another: products, operations and tensors
    are those of one pass, ``macs`` and bytes those of all.
    ``window`` is what slides over images: that of a convolution, a pool, a resize; None elsewhere.
    A layer that ``grows`` is what a block of cached tokens adds to the attention before it: a pass
    has it as often as its cache has blocks, with no launch of its own. In a pass of several
    sequences ``PER_TOKEN`` is a block for one token of it, ``PER_CHUNK`` for all of a prompt.

    Raises:
        NetworkError: not one ``Operands`` for each product, or a name that the layer does not read.
    """

    name: str
    op: str
    kind: Kind
    nodes: tuple[str, ...]
    inputs: tuple[Tensor, ...]
    weights: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    gemms: tuple[Gemm, ...] = ()
    operands: tuple[Operands, ...] = ()
    vector_ops: int = 0
    fused_ops: int = 0
    joined: tuple[str, ...] = ()
    times: int = 1
    window: Window | None = None
    grows: int = 0

    def __post_init__(self) -> None:
        if len(self.operands) != len(self.gemms):
            raise NetworkError(
                f"layer '{self.name}' has {len(self.gemms)} products and operands of "
                f"{len(self.operands)}; name the operands of each product"
            )
        absent = {n for o in self.operands for n in (*o.a, *o.b)} - {t.name for t in self.reads}
        if absent:
            raise NetworkError(
                f"layer '{self.name}' multiplies '{min(absent)}', which is not among its inputs "
                "and weights; name one that is"
            )

    @property
    def reads(self) -> tuple[Tensor, ...]:
        """All that the layer reads: run-time inputs, then constants."""
        return (*self.inputs, *self.weights)

    @property
    def multiplied(self) -> tuple[Tensor, ...]:
        """Those of ``reads`` that its products multiply."""
        own = {name for o in self.operands for name in (*o.a, *o.b)}
        return tuple(t for t in self.reads if t.name in own)

    @property
    def side_inputs(self) -> tuple[Tensor, ...]:
        """Those of ``reads`` that its products do not multiply; all of them without a product."""
        own = {t.name for t in self.multiplied}
        return tuple(t for t in self.reads if t.name not in own)

    @property
    def macs(self) -> int:
        """Multiply-accumulates; bias and elementwise work do not count."""
        return self.times * sum(g.macs for g in self.gemms)

    @property
    def steps(self) -> int:
        """Steps that wait for each other, among which ``vector_ops`` are shared out evenly."""
        return max((g.steps for g in self.gemms), default=1)

    @property
    def weight_bytes(self) -> int:
        """Bytes of the constants, each in full."""
        return sum(t.bytes for t in self.weights)

    @property
    def input_bytes(self) -> int:
        """Bytes read at run time besides constants."""
        return self.times * sum(t.touched_bytes for t in self.inputs)

    @property
    def output_bytes(self) -> int:
        """Bytes written at run time."""
        return self.times * sum(t.touched_bytes for t in self.outputs)

    @property
    def moved_bytes(self) -> int:
        """Bytes that a layer without products reads and writes, constants included."""
        weights = self.times * sum(t.touched_bytes for t in self.weights)
        return self.input_bytes + weights + self.output_bytes

    @property
    def one_pass(self) -> Layer:
        """The layer as it runs once."""
        return self if self.times == 1 else replace(self, times=1)

    @property
    def index_only(self) -> bool:
        """Whether the layer multiplies nothing and touches no real-valued tensor."""
        tensors = (*self.reads, *self.outputs)
        return not self.gemms and all(t.dtype in INDEX_TYPES for t in tensors)

    @property
    def computes(self) -> bool:
        """Whether the layer does anything, and that on real numbers."""
        return self.kind is not Kind.VIEW and not self.index_only

    @property
    def precision(self) -> str:
        """The arithmetic's precision, like ``int8`` or ``fp16``: that of its widest operand.

        Weights narrower than what they are multiplied by are decoded on the way in. The products'
        operands count, not the side inputs. Without a product, every real-valued tensor counts; a
        layer on indices and booleans alone (``index_only``) is integer bookkeeping and takes the
        arithmetic of ``int8``.
        """
        if self.index_only:
            return "int8"
        if not self.gemms:
            return _precision_of((*self.reads, *self.outputs))
        return _precision_of(self.multiplied)


def _precision_of(tensors: tuple[Tensor, ...]) -> str:
    """Return the precision of the widest arithmetic operand; indices do not count."""
    real = {PRECISION_OF[t.dtype] for t in tensors if t.dtype not in INDEX_TYPES}
    return min(real, key=_WIDEST_FIRST.__getitem__, default="fp32")


_WIDEST_FIRST = {name: place for place, name in enumerate(dict.fromkeys(PRECISION_OF.values()))}
