"""Output shapes of operators that onnxruntime adds and the ONNX library does not know."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from dfsrt.base.errors import NetworkError
from dfsrt.network.graph import Node
from dfsrt.network.recurrent import recurrent_types

Typed = tuple[int, tuple[int, ...]]
"""An ONNX element type and a shape."""

Operands = Sequence[Typed | None]

TypeRule = Callable[[Node, Operands], tuple[Typed, ...]]
"""Returns the types of a node's leading outputs from those of its operands."""


def contrib_shapes(node: Node, operands: Operands) -> tuple[Typed, ...]:
    """Return the types of the leading outputs; none for an unknown operator.

    Raises:
        NetworkError: the node lacks an operand or attribute that its outputs follow from.
    """
    rule = _RULES.get(node.op)
    return rule(node, operands) if rule is not None else ()


def operand(node: Node, operands: Operands, index: int) -> Typed:
    """Return an operand that the operator cannot do without.

    Raises:
        NetworkError: the node does not have it.
    """
    found = operands[index] if index < len(operands) else None
    if found is None:
        raise NetworkError(
            f"node '{node.name}' ({node.op}) lacks operand {index}; export the file again"
        )
    return found


def _same(node: Node, operands: Operands) -> tuple[Typed, ...]:
    return (operand(node, operands, 0),)


def _quantize(node: Node, operands: Operands) -> tuple[Typed, ...]:
    zero = operand(node, operands, 2)
    return ((zero[0], operand(node, operands, 0)[1]),)


def _dequantize(node: Node, operands: Operands) -> tuple[Typed, ...]:
    scale = operand(node, operands, 1)
    return ((scale[0], operand(node, operands, 0)[1]),)


def _skip_norm(node: Node, operands: Operands) -> tuple[Typed, ...]:
    """Output, mean and inverse deviation (training only), and the sum before the norm."""
    element, shape = operand(node, operands, 0)
    row = (element, (*shape[:-1], 1))
    return (element, shape), row, row, (element, shape)


def _fused_matmul(node: Node, operands: Operands) -> tuple[Typed, ...]:
    element, a = operand(node, operands, 0)
    _, b = operand(node, operands, 1)
    rows = a[-1] if node.attribute("transA", 0) else a[-2]
    columns = b[-2] if node.attribute("transB", 0) else b[-1]
    batch = a[:-2] if len(a) >= len(b) else b[:-2]
    return ((element, (*batch, rows, columns)),)


def _attention(node: Node, operands: Operands) -> tuple[Typed, ...]:
    element, (batch, length, _) = operand(node, operands, 0)
    _, weight = operand(node, operands, 1)
    sizes = node.attribute("qkv_hidden_sizes", ())
    hidden = sizes[2] if sizes else weight[1] // 3
    return ((element, (batch, length, hidden)),)


def _multi_head_attention(node: Node, operands: Operands) -> tuple[Typed, ...]:
    element, query = operand(node, operands, 0)
    if len(query) == 5:  # query, key and value packed as (batch, length, heads, 3, size)
        return ((element, (*query[:2], query[2] * query[4])),)
    value = operands[2] if len(operands) > 2 else None
    if value is None:  # key and value packed as (batch, length, heads, 2, size)
        key = operand(node, operands, 1)[1]
        return ((element, (*query[:2], key[2] * key[4])),)
    width = value[1][-1] if len(value[1]) == 3 else value[1][1] * value[1][3]
    return ((element, (*query[:2], width)),)


_RULES: dict[str, TypeRule] = {
    "Attention": _attention,
    "BiasGelu": _same,
    "DequantizeLinear": _dequantize,
    "DynamicQuantizeLSTM": recurrent_types,
    "FastGelu": _same,
    "FusedMatMul": _fused_matmul,
    "Gelu": _same,
    "GroupNorm": _same,
    "MultiHeadAttention": _multi_head_attention,
    "QuantizeLinear": _quantize,
    "QuickGelu": _same,
    "RotaryEmbedding": _same,
    "SimplifiedLayerNormalization": _same,
    "SkipLayerNormalization": _skip_norm,
    "SkipSimplifiedLayerNormalization": _skip_norm,
}

CONTRIB_OPS = frozenset(_RULES)
"""Operators of domain ``com.microsoft`` that are read."""
