"""Parts of a decoder: attention whose query heads share keys, a cache, and turns by place."""

from __future__ import annotations

from dfsrt.network.kit.builder import Builder
from dfsrt.network.kit.parts import linear, reshape, transpose
from dfsrt.network.language.config import DecoderConfig

Pair = tuple[str, str]
"""Keys and values, or cosines and sines."""


def root_norm(b: Builder, x: str, name: str, width: int) -> str:
    """Add a normalization by the root of the mean square over the last axis."""
    length = b.node("ReduceL2", [x, b.ints(f"{name}.axis", [-1])], f"{name}.length", keepdims=1)
    even = b.node("Div", [x, length], f"{name}.even")
    return b.node("Mul", [even, b.weight(f"{name}.weight", (width,), 1.0)], name)


def grouped_attention(
    b: Builder,
    x: str,
    name: str,
    c: DecoderConfig,
    turns: Pair,
    past: Pair,
    mask: str,
) -> tuple[str, Pair]:
    """Add attention of ``x`` to itself and to the ``past``; return it, and keys and values of both.

    The queries that share a head of keys stand one below the other, so that these are read once.
    """
    q = _heads(b, x, f"{name}.q", (c.width, c.heads), c.head)
    k = _heads(b, x, f"{name}.k", (c.width, c.key_heads), c.head)
    v = _heads(b, x, f"{name}.v", (c.width, c.key_heads), c.head)
    q, k = _turned(b, q, f"{name}.q.turn", turns), _turned(b, k, f"{name}.k.turn", turns)
    keys, values = (
        b.node("Concat", [old, new], f"{name}.{what}.all", axis=2) if old else new
        for what, old, new in (("k", past[0], k), ("v", past[1], v))
    )
    below = [0, c.key_heads, -1, c.head]
    q = reshape(b, q, f"{name}.q.below", below)
    scores = b.node(
        "MatMul", [q, transpose(b, keys, f"{name}.k.flip", [0, 1, 3, 2])], f"{name}.scores"
    )
    share = _softmax(b, scores, name, c, mask)
    mixed = b.node("MatMul", [share, values], f"{name}.mix")
    mixed = reshape(b, mixed, f"{name}.mix.apart", [b.batch, c.heads, -1, c.head])
    mixed = transpose(b, mixed, f"{name}.mix.transpose", [0, 2, 1, 3])
    mixed = reshape(b, mixed, f"{name}.mix.join", [0, -1, c.width])
    return linear(b, mixed, f"{name}.out", (c.width, c.width), bias=False), (keys, values)


def _heads(b: Builder, x: str, name: str, sizes: tuple[int, int], head: int) -> str:
    """A product with a weight, by heads: (batch, heads, tokens, head)."""
    width, heads = sizes
    y = linear(b, x, name, (width, heads * head), bias=False)
    return transpose(b, reshape(b, y, f"{name}.heads", [0, -1, heads, head]), f"{name}.apart",
                     [0, 2, 1, 3])  # fmt: skip


def _turned(b: Builder, x: str, name: str, turns: Pair) -> str:
    """Both halves of each head, as coordinates turned by an angle.

    Source: Su et al., RoFormer, 2021, section 3.2.2.
    """
    (one, two), (cos, sin) = b.halves(x, f"{name}.split", axis=-1), turns
    first = b.node("Sub", [b.node("Mul", [one, cos], f"{name}.1"),
                           b.node("Mul", [two, sin], f"{name}.2")], f"{name}.first")  # fmt: skip
    second = b.node("Add", [b.node("Mul", [two, cos], f"{name}.3"),
                            b.node("Mul", [one, sin], f"{name}.4")], f"{name}.second")  # fmt: skip
    return b.node("Concat", [first, second], name, axis=-1)


def _softmax(b: Builder, scores: str, name: str, c: DecoderConfig, mask: str) -> str:
    """The softmax over all places; a mask is one of tokens, and so the heads part for it."""
    if not mask:
        return b.node("Softmax", [scores], f"{name}.softmax", axis=-1)
    tokens, places = b.shape(mask)
    apart = reshape(b, scores, f"{name}.scores.apart", [b.batch, c.heads, tokens, places])
    share = b.node("Softmax", [b.node("Add", [apart, mask], f"{name}.mask")], f"{name}.softmax",
                   axis=-1)  # fmt: skip
    return reshape(b, share, f"{name}.softmax.below",
                   [b.batch, c.key_heads, c.shared * tokens, places])  # fmt: skip
