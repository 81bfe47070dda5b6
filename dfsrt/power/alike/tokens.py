"""Layers of transformers."""

from __future__ import annotations

from dfsrt.network.layer import Gemm, Kind, Layer
from dfsrt.power.alike.draw import Rng, between, pick
from dfsrt.power.made_layer import Shape, made_other, made_product

HEAD = 64
"""Width of an attention head."""


def projection(rng: Rng, name: str, dtype: str) -> Layer:
    """Return tokens by a matrix: of the attention, or into the wide layer and back."""
    m, width = _tokens(rng)
    k, n = pick(rng, ((width, width), (width, width), (width, 4 * width), (4 * width, width)))
    inputs: list[Shape] = [(1, m, k)]
    joined, ops = (("Gelu",), 8) if n > k else ((), 0)
    if n <= k and rng.uniform() < 0.5:  # a residual is added
        inputs, joined, ops = [(1, m, k), (1, m, n)], ("Add",), 1
    gemm = Gemm(m, k, n)
    return made_product(name, "MatMul", gemm, dtype, inputs, (k, n), (1, m, n), joined, ops)


def attention(rng: Rng, name: str, dtype: str) -> Layer:
    """Return queries by keys, or scores by values."""
    m, width = _tokens(rng)
    heads, (k, n) = width // HEAD, pick(rng, ((HEAD, m), (m, HEAD)))
    inputs = [(1, heads, m, k), (1, heads, k, n)]
    gemm = Gemm(m, k, n, heads)
    return made_product(name, "MatMul", gemm, dtype, inputs, None, (1, heads, m, n))


def vector(rng: Rng, name: str, dtype: str) -> Layer:
    """Return a norm of tokens, or a softmax of scores or of classes."""
    m, width = _tokens(rng)
    op, shape, ops = pick(rng, (
        ("LayerNormalization", (1, m, width), 7),
        ("Softmax", (1, width // HEAD, m, m), 8),
        ("Softmax", (1, width), 8),
    ))  # fmt: skip
    return made_other(name, op, Kind.VECTOR, dtype, [shape], [shape], ops)


def move(rng: Rng, name: str, dtype: str) -> Layer:
    """Return a copy of tokens, by heads, or of one of them."""
    m, width = _tokens(rng)
    apart, by_head = (1, m, width // HEAD, HEAD), (1, width // HEAD, m, HEAD)
    op, shape, out = pick(rng, (
        ("Transpose", apart, by_head),
        ("Slice", (1, width), (1, width)),
    ))  # fmt: skip
    return made_other(name, op, Kind.MOVE, dtype, [shape], [out])


def _tokens(rng: Rng) -> tuple[int, int]:
    """How many tokens, and how wide each is."""
    return between(rng, 49, 1500), between(rng, 192, 1280, HEAD)
