"""Rules of the matrix operators: each becomes products for the multiply-accumulate array."""

from __future__ import annotations

import math

from dfsrt.network.layer import Gemm, Kind, Operands
from dfsrt.network.rules.einsum import einsum_work
from dfsrt.network.rules.sliding import sliding_window, transposed_window
from dfsrt.network.rules.work import Call, Rule, Work
from dfsrt.network.window import Window

# Scales and zero points, which a compiler turns into the shift of the result.
_SETTINGS: dict[str, frozenset[int]] = {
    "ConvInteger": frozenset({2, 3}),
    "MatMulInteger": frozenset({2, 3}),
    "QLinearConv": frozenset({1, 2, 4, 5, 6, 7}),
    "QLinearMatMul": frozenset({1, 2, 4, 5, 6, 7}),
}


def matrix_work(
    call: Call, gemm: Gemm, a: int = 0, b: int = 1, window: Window | None = None
) -> Work:
    """Return the work of a layer that is one product, of the operands at ``a`` and ``b``."""
    operands = Operands(call.names(a), call.names(b), call.output.name)
    settings = _SETTINGS.get(call.node.op, frozenset())
    return Work(Kind.MATRIX, (gemm,), (operands,), settings=settings, window=window)


def _conv(x: int, w: int) -> Rule:
    """Rule of a convolution with its operands at ``x`` and ``w``: im2col, a product per group."""

    def rule(call: Call) -> Work:
        data, weight = call.input(x).shape, call.input(w).shape
        groups = groups_of(call, weight[0])
        if data[1] != weight[1] * groups:
            raise call.refuse(
                f"{data[1]} input channels do not fit weights {list(weight)} in {groups} groups"
            )
        output = call.output.shape
        m = output[0] * math.prod(output[2:])
        gemm = Gemm(m, math.prod(weight[1:]), weight[0] // groups, groups)
        window = sliding_window(call, x, weight[2:], groups)
        return matrix_work(call, gemm, x, w, window)

    return rule


def groups_of(call: Call, channels: int) -> int:
    """Return the groups of a convolution of so many output channels.

    Raises:
        NetworkError: the channels cannot be split so.
    """
    groups = call.node.attribute("group", 1)
    if groups < 1 or channels % groups:
        raise call.refuse(f"{channels} channels cannot be split into {groups} groups")
    return groups


def _conv_transpose(call: Call) -> Work:
    """Each input position meets the whole kernel; overlaps are summed on the way out."""
    data, weight = call.input(0).shape, call.input(1).shape
    groups = groups_of(call, weight[0])
    if data[1] != weight[0]:
        raise call.refuse(f"{data[1]} input channels do not fit weights {list(weight)}")
    m = data[0] * math.prod(data[2:])
    gemm = Gemm(m, weight[0] // groups, math.prod(weight[1:]), groups)
    return matrix_work(call, gemm, window=transposed_window(call, weight[2:], groups))


def _gemm(call: Call) -> Work:
    a, b = call.input(0).shape, call.input(1).shape
    m, k = a[::-1] if call.node.attribute("transA", 0) else a
    n = b[0] if call.node.attribute("transB", 0) else b[1]
    return matrix_work(call, Gemm(m, k, n))


def _matmul(a: int, b: int) -> Rule:
    """Rule of a product, batched and broadcast as numpy's, with operands at ``a`` and ``b``."""

    def rule(call: Call) -> Work:
        left, right = call.input(a).shape, call.input(b).shape
        return matrix_work(call, matmul_gemm(left, right), a, b)

    return rule


def matmul_gemm(left: tuple[int, ...], right: tuple[int, ...]) -> Gemm:
    """Return the product of two shapes; a right operand without batch takes all rows at once."""
    left = (1, *left) if len(left) == 1 else left
    right = (*right, 1) if len(right) == 1 else right
    rows, k, n = left[-2], left[-1], right[-1]
    if math.prod(right[:-2]) == 1:
        return Gemm(math.prod(left[:-2]) * rows, k, n)
    return Gemm(rows, k, n, math.prod(broadcast(left[:-2], right[:-2])))


def broadcast(a: tuple[int, ...], b: tuple[int, ...]) -> tuple[int, ...]:
    """Return the shape that two make together, axis by axis from the right."""
    rank = max(len(a), len(b))
    a, b = (1,) * (rank - len(a)) + a, (1,) * (rank - len(b)) + b
    return tuple(y if x == 1 else x for x, y in zip(a, b, strict=True))


def _einsum(call: Call) -> Work:
    shapes = [call.input(index).shape for index in range(len(call.inputs))]
    equation = call.node.attribute("equation", "")
    gemms, additions = einsum_work(call.node.name, equation, shapes)
    if gemms:
        return Work(Kind.MATRIX, gemms, _chained(call, len(gemms)), vector_ops=additions)
    # One operand: a reordering, or a reduction over all its elements.
    elements = call.input(0).elements
    if call.output.elements == elements:
        return Work(Kind.MOVE)
    return Work(Kind.VECTOR, vector_ops=elements)


def _chained(call: Call, count: int) -> tuple[Operands, ...]:
    """Operands of products from left to right, each with the result of the one before."""
    return tuple(
        Operands(
            call.names(0) if i == 0 else (),
            call.names(i + 1),
            call.output.name if i == count - 1 else "",
        )
        for i in range(count)
    )


MATRIX_RULES: dict[str, Rule] = {
    "Conv": _conv(0, 1),
    "ConvInteger": _conv(0, 1),
    "ConvTranspose": _conv_transpose,
    "Einsum": _einsum,
    "Gemm": _gemm,
    "MatMul": _matmul(0, 1),
    "MatMulInteger": _matmul(0, 1),
    "QLinearConv": _conv(0, 3),
    "QLinearMatMul": _matmul(0, 3),
}
