"""Layers that no network has: made from shapes, to measure a device by."""

from __future__ import annotations

from collections.abc import Sequence

from dfsrt.network.layer import Gemm, Kind, Layer, Operands
from dfsrt.network.tensor import Tensor
from dfsrt.network.window import Window

Shape = tuple[int, ...]


def made_product(
    name: str,
    op: str,
    gemm: Gemm,
    dtype: str,
    inputs: Sequence[Shape],
    weight: Shape | None,
    out: Shape,
    joined: tuple[str, ...] = (),
    ops: int = 0,
    window: Window | None = None,
) -> Layer:
    """Return a layer that multiplies its first input by ``weight``, or by its second input.

    ``joined`` operators ride on the drain with ``ops`` lane operations for each result.
    """
    reads = _tensors(f"{name}_in", inputs, dtype)
    weights = () if weight is None else (Tensor(f"{name}_w", weight, dtype),)
    made = Tensor(f"{name}_out", out, dtype)
    by = weights[0] if weights else reads[1]
    return Layer(
        name=name,
        op=op,
        kind=Kind.MATRIX,
        nodes=(name,),
        inputs=reads,
        weights=weights,
        outputs=(made,),
        gemms=(gemm,),
        operands=(Operands((reads[0].name,), (by.name,), made.name),),
        fused_ops=ops * made.elements,
        joined=joined,
        window=window,
    )


def made_other(
    name: str,
    op: str,
    kind: Kind,
    dtype: str,
    inputs: Sequence[Shape],
    outputs: Sequence[Shape],
    ops: int = 0,
    window: Window | None = None,
) -> Layer:
    """Return a layer without a product: ``ops`` lane operations for each result, none in a copy."""
    reads, made = _tensors(f"{name}_in", inputs, dtype), _tensors(f"{name}_out", outputs, dtype)
    lanes = ops * sum(t.elements for t in made)
    return Layer(name, op, kind, (name,), reads, (), made, vector_ops=lanes, window=window)


def _tensors(name: str, shapes: Sequence[Shape], dtype: str) -> tuple[Tensor, ...]:
    return tuple(Tensor(f"{name}{i}", shape, dtype) for i, shape in enumerate(shapes))
