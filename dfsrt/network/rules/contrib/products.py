"""Products of onnxruntime: on weights of a few bits, on scaled numbers, transposed in batches."""

from __future__ import annotations

import math

from dfsrt.network.layer import Gemm, Kind, Operands
from dfsrt.network.rules.contrib.facts import Typed
from dfsrt.network.rules.contrib.operator import Operator, Types, site_of
from dfsrt.network.rules.contrib.packed import unpacked
from dfsrt.network.rules.contrib.site import Site
from dfsrt.network.rules.matrix import broadcast, matmul_gemm
from dfsrt.network.rules.work import Call, Rule, Work

_INT8_LEVEL = 4
"""Value of ``accuracy_level`` by which rows are quantized to int8, too, in blocks as weights are.

Source: the schema of MatMulNBits, onnxruntime 1.32.
"""


def _columns(site: Site) -> int:
    """Columns of a weight that its attributes describe, once its rows fit the data."""
    rows, columns = site.positive("K"), site.positive("N")
    data = site.shape(0)
    if not data or data[-1] != rows:
        raise site.refuse(f"operand 0 of shape {list(data)} does not fit weights of K={rows} rows")
    return columns


def _n_bits(site: Site) -> tuple[Typed, ...]:
    element, shape = site.operand(0)
    site.operand(1)
    return ((element, (*shape[:-1], _columns(site))),)


def _n_bits_work(call: Call) -> Work:
    """Weights at the bits they are stored in, their scales and zero points beside.

    The arithmetic is that of the data, or int8 where the file says that this is accurate enough;
    rows count as quantized then when they come. Weights without elements are a product left out.
    """
    columns, data, weight = _columns(site_of(call)), call.input(0), call.input(1)
    if weight.elements == 0:
        return Work(Kind.MOVE, touched={0: 0})
    packed = {1: unpacked(weight, call.node.attribute("bits", 4), columns)}
    if call.node.attribute("accuracy_level", 0) == _INT8_LEVEL:
        packed[0] = (data.shape, "int8")
    sides = {1: (2, 3) if call.node.op == "MatMulNBits" else (2,)}
    gemm = Gemm(math.prod(data.shape[:-1]), data.shape[-1], columns)
    return Work(Kind.MATRIX, (gemm,), _operands(call, 0, 1), packed=packed, sides=sides)


def _operands(call: Call, a: int, b: int) -> tuple[Operands]:
    return (Operands(call.names(a), call.names(b), call.output.name),)


def _by_shape(site: Site) -> tuple[Typed, ...]:
    """Rows and columns of a weight that is one blob stand in operand 2."""
    element, shape = site.operand(0)
    return ((element, (*shape[:-1], _blob(site)[1])),)


def _blob(site: Site) -> tuple[int, int]:
    sizes = site.value(2)
    if sizes is None or sizes.size != 2:
        raise site.refuse("operand 2 must be a constant with the rows and columns of the weights")
    rows, columns = (int(size) for size in sizes.reshape(-1).tolist())
    if site.shape(0)[-1:] != (rows,):
        raise site.refuse(f"operand 0 does not fit weights of {rows} rows")
    return rows, columns


def _by_shape_work(call: Call) -> Work:
    rows, columns = _blob(site_of(call))
    gemm = Gemm(math.prod(call.input(0).shape[:-1]), rows, columns)
    return Work(Kind.MATRIX, (gemm,), _operands(call, 0, 1), settings=frozenset({2}))


def _in_rows(packing: int) -> tuple[Types, Rule]:
    """A weight that lies transposed, with so many of its numbers in a byte."""

    def types(site: Site) -> tuple[Typed, ...]:
        element, shape = site.operand(0)
        columns, size = site.shape(1, 2)
        if shape[-1] != size * packing:
            raise site.refuse(f"operand 0 does not fit weights of {size * packing} rows")
        return ((element, (*shape[:-1], columns)),)

    def work(call: Call) -> Work:
        data, weight = call.input(0), call.input(1)
        columns, size = weight.shape
        gemm = Gemm(math.prod(data.shape[:-1]), size * packing, columns)
        packed = {1: ((columns, size * packing), "float4e2m1")} if packing == 2 else {}
        sides, scale = ({1: (2, 3)}, {4}) if packing == 2 else ({1: (2,)}, {3})
        operands, settings = _operands(call, 0, 1), frozenset(scale)
        return Work(Kind.MATRIX, (gemm,), operands, settings=settings, packed=packed, sides=sides)

    return types, work


def _fused(site: Site) -> tuple[Typed, ...]:
    left, right = _turned(site)
    batch = broadcast(left[:-2], right[:-2])
    return ((site.element(0), (*batch, left[-2], right[-1])),)


def _turned(site: Site) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Shapes of both operands as they are multiplied.

    A transposed batch has its first axis, the rows, before all others.
    """
    shapes = []
    for index, side in enumerate("AB"):
        shape = site.shape(index)
        if len(shape) < 2:
            shape = (1, *shape) if index == 0 else (*shape, 1)
        if site.node.attribute(f"transBatch{side}", 0) and len(shape) > 2:
            shape = (*shape[1:-1], shape[0], shape[-1])
        if site.node.attribute(f"trans{side}", 0):
            shape = (*shape[:-2], shape[-1], shape[-2])
        shapes.append(shape)
    left, right = shapes
    batches = zip(left[-3::-1], right[-3::-1], strict=False)
    if left[-1] != right[-2] or any(a != b and 1 not in (a, b) for a, b in batches):
        raise site.refuse(f"{list(left)} by {list(right)} is no product")
    return left, right


def _fused_work(call: Call) -> Work:
    left, right = _turned(site_of(call))
    return Work(Kind.MATRIX, (matmul_gemm(left, right),), _operands(call, 0, 1))


def _quantized(b: int, settings: frozenset[int], like: int | None) -> Operator:
    """A product of data and of operand ``b``; the result is of the type of operand ``like``."""

    def types(site: Site) -> tuple[Typed, ...]:
        left, right = site.shape(0), site.shape(b)
        rows = left[:-1] if len(left) > 1 else ()
        columns = right[-1:] if len(right) > 1 else ()
        batch = broadcast(rows[:-1], right[:-2])
        element = site.element(0 if like is None else like)
        return ((element, (*batch, *rows[-1:], *columns)),)

    def work(call: Call) -> Work:
        gemm = matmul_gemm(call.input(0).shape, call.input(b).shape)
        return Work(Kind.MATRIX, (gemm,), _operands(call, 0, b), settings=settings)

    return Operator(types, work)


def _float8(site: Site) -> tuple[Typed, ...]:
    (m, k), (rows, columns) = site.shape(0, 2), site.shape(1, 2)
    m = k if site.node.attribute("transA", 0) else m
    n = rows if site.node.attribute("transB", 0) else columns
    return ((site.node.attribute("dtype", 1), (m, n)),)


def _float8_work(call: Call) -> Work:
    """Scales per tensor become the shift of the result."""
    (m, n), left = call.output.shape, call.input(0).shape
    gemm = Gemm(m, left[0] * left[1] // max(m, 1), n)
    return Work(Kind.MATRIX, (gemm,), _operands(call, 0, 1), settings=frozenset({3, 4, 5}))


def _distances(site: Site) -> tuple[Typed, ...]:
    (m, _), (n, _) = site.shape(0, 2), site.shape(1, 2)
    return ((site.element(0), (m, n)),)


def _distances_work(call: Call) -> Work:
    """All squares of differences, by a product as libraries do it, and a root each."""
    (m, k), (n, _) = call.input(0).shape, call.input(1).shape
    operands = _operands(call, 0, 1)
    return Work(Kind.MATRIX, (Gemm(m, k, n),), operands, vector_ops=6 * m * n)


PRODUCTS: dict[str, Operator] = {
    "CDist": Operator(_distances, _distances_work),
    "FusedMatMul": Operator(_fused, _fused_work),
    "GemmFloat8": Operator(_float8, _float8_work),
    "MatMulBlockQuantizedFp4Weight": Operator(*_in_rows(2)),
    "MatMulBlockQuantizedFp8Weight": Operator(*_in_rows(1)),
    "MatMulBnb4": Operator(_n_bits, _n_bits_work),
    "MatMulFpQ4": Operator(_by_shape, _by_shape_work),
    "MatMulIntegerToFloat": _quantized(1, frozenset({2, 3, 4, 5}), like=2),
    "MatMulNBits": Operator(_n_bits, _n_bits_work),
    "QOrderedMatMul": _quantized(2, frozenset({1, 3, 4, 7}), like=None),
}
