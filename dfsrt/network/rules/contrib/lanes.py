"""Operators of onnxruntime for the vector unit, and those that only move data."""

from __future__ import annotations

import math
from collections.abc import Callable

import onnx

from dfsrt.network.layer import Kind
from dfsrt.network.rules.contrib.facts import Typed
from dfsrt.network.rules.contrib.operator import Operator, Types, same
from dfsrt.network.rules.contrib.site import Site
from dfsrt.network.rules.lane_ops import FUNCTION
from dfsrt.network.rules.work import Call, Rule, Work

_INT32, _INT64 = int(onnx.TensorProto.INT32), int(onnx.TensorProto.INT64)


def each_output(ops: int, settings: frozenset[int] = frozenset()) -> Rule:
    """Return the rule of so many lane operations for each element of the result."""

    def rule(call: Call) -> Work:
        return Work(Kind.VECTOR, vector_ops=ops * call.output.elements, settings=settings)

    return rule


def _moved(settings: frozenset[int] = frozenset()) -> Rule:
    return lambda _: Work(Kind.MOVE, settings=settings)


def _viewed(_: Call) -> Work:
    return Work(Kind.VIEW, settings=frozenset({1}))


def _quantized(site: Site) -> tuple[Typed, ...]:
    zero = site.optional(2)
    return ((zero[0] if zero else int(onnx.TensorProto.UINT8), site.shape(0)),)


def _of_scale(site: Site) -> tuple[Typed, ...]:
    return ((site.element(1), site.shape(0)),)


def _skip_norm(site: Site) -> tuple[Typed, ...]:
    """Output, mean and inverse deviation (training only), and the sum before the norm."""
    element, shape = site.operand(0)
    row = (int(onnx.TensorProto.FLOAT), (*shape[:-1], 1))
    return (element, shape), row, row, (element, shape)


def _group_norm(skip: bool) -> Operator:
    """A norm of groups of channels with its activation; before it a sum, which is a result, too."""

    def work(call: Call) -> Work:
        silu = (FUNCTION + 1) * bool(call.node.attribute("activation", 0))
        ops = 7 + silu + skip * (1 + (call.optional(4) is not None))
        return Work(Kind.VECTOR, vector_ops=ops * call.input(0).elements)

    return Operator(lambda site: (site.operand(0),) * (2 if skip else 1), work)


def _half(site: Site) -> tuple[Typed, ...]:
    element, shape = site.operand(0)
    return ((element, (*shape[:-1], shape[-1] // 2)),)


def _inverse(call: Call) -> Work:
    """Elimination on each matrix: n cubed multiplications and as many subtractions."""
    side = call.input(0).shape[-1]
    return Work(Kind.VECTOR, vector_ops=2 * side * call.input(0).elements)


def _expanded(site: Site) -> tuple[Typed, ...]:
    element, shape = site.operand(0)
    axis = site.value(1)
    if axis is None or axis.size != 1:
        raise site.refuse("its axis must be a constant")
    place = int(axis.max()) % (len(shape) + 1)
    return ((element, (*shape[:place], 1, *shape[place:])),)


def _without_padding(site: Site) -> tuple[Typed, ...]:
    """Limits: no token is taken for padding."""
    element, (batch, length, width) = site.element(0), site.shape(0, 3)
    return (
        (element, (batch * length, width)),
        (_INT32, (batch, length)),
        (_INT32, (batch + 1,)),
        (_INT32, (1,)),
    )


def _with_padding(site: Site) -> tuple[Typed, ...]:
    element, (_, width) = site.element(0), site.shape(0, 2)
    return ((element, (*site.shape(1, 2), width)),)


def _unique(site: Site) -> tuple[Typed, ...]:
    """Limits: no element is taken to occur twice."""
    element, shape = site.operand(0)
    count = (math.prod(shape),)
    return (element, count), (_INT64, count), (_INT64, count)


def _unique_work(call: Call) -> Work:
    """A sort."""
    count = call.input(0).elements
    return Work(Kind.VECTOR, vector_ops=count * max(count - 1, 1).bit_length())


def _unfolded(site: Site) -> tuple[Typed, ...]:
    element, shape = site.operand(0)
    axis, size = site.node.attribute("dim", -1) % len(shape), site.positive("size")
    steps = (shape[axis] - size) // max(site.node.attribute("step", 1), 1) + 1
    return ((element, (*shape[:axis], steps, *shape[axis + 1 :], size)),)


def _cropped(site: Site) -> tuple[Typed, ...]:
    element, (_, channels, _, _) = site.element(0), site.shape(0, 4)
    size = site.value(3)
    if size is None or size.size != 2:
        raise site.refuse("its crop_size must be a constant")
    height, width = (int(n) for n in size.reshape(-1).tolist())
    return ((element, (site.shape(1, 2)[0], channels, height, width)),)


def _broadcast(site: Site) -> tuple[Typed, ...]:
    shapes = [typed[1] for typed in site.operands if typed is not None]
    rank = max(map(len, shapes))
    full = [(1,) * (rank - len(shape)) + shape for shape in shapes]
    return ((site.element(0), tuple(max(sizes) for sizes in zip(*full, strict=True))),)


def _alike(types: Types, *names: str) -> dict[str, Operator]:
    return {name: Operator(types) for name in names}


_OWN: dict[str, tuple[Types, Callable[[Call], Work]]] = {
    "BiasSplitGelu": (_half, each_output(FUNCTION + 7)),
    "ComplexMul": (_broadcast, each_output(3)),
    "ComplexMulConj": (_broadcast, each_output(3)),
    "CropAndResize": (_cropped, each_output(8, frozenset({3}))),
    "DequantizeWithOrder": (same, each_output(2, frozenset({1}))),
    "ExpandDims": (_expanded, _viewed),
    "GatedRMSNorm": (same, each_output(FUNCTION + 6)),
    "Inverse": (same, _inverse),
    "QOrderedGelu": (same, each_output(FUNCTION + 4, frozenset({1, 2}))),
    "QOrderedLayerNormalization": (same, each_output(7, frozenset({1, 4}))),
    "QuantizeWithOrder": (same, each_output(3, frozenset({1}))),
    "RemovePadding": (_without_padding, _moved(frozenset({1}))),
    "RestorePadding": (_with_padding, _moved()),
    "ScaledSiLU": (same, each_output(FUNCTION + 2)),
    "UnfoldTensor": (_unfolded, _moved()),
    "Unique": (_unique, _unique_work),
}

LANES: dict[str, Operator] = {
    **_alike(same, "FastGelu", "Gelu", "QuickGelu", "SimplifiedLayerNormalization"),
    **_alike(_broadcast, "BiasGelu"),
    **_alike(_of_scale, "DequantizeLinear"),
    **_alike(_quantized, "QuantizeLinear"),
    **_alike(_skip_norm, "SkipLayerNormalization", "SkipSimplifiedLayerNormalization"),
    **{name: Operator(types, work) for name, (types, work) in _OWN.items()},
    "GroupNorm": _group_norm(skip=False),
    "SkipGroupNorm": _group_norm(skip=True),
}
