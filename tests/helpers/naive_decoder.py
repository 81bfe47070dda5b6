"""A language model as its definition says, token by token in numpy: no cache, no blocks, no graph.

``weight_of(name)`` gives weights of (rows, columns), already decoded, and norms and biases.
"""

from __future__ import annotations

import math

import numpy as np


def naive_logits(config, weight_of, ids: list[int]) -> np.ndarray:
    """Logits after the last of ``ids``, ``(vocabulary,)``."""
    table = weight_of("head" if config.tied else "words").T
    x = table[ids].astype(np.float64)
    for i in range(config.layers):
        name = f"layers.{i}"
        x = x + attention(config, weight_of, norm(x, weight_of(f"{name}.norm1")), f"{name}.attn")
        y = norm(x, weight_of(f"{name}.norm2"))
        up = y @ weight_of(f"{name}.mlp.up")
        if config.gated:
            gate = y @ weight_of(f"{name}.mlp.gate")
            inner = gate / (1 + np.exp(-gate)) * up
        else:
            inner = up * (1 + np.vectorize(math.erf)(up / math.sqrt(2))) / 2
        x = x + inner @ weight_of(f"{name}.mlp.down")
    return norm(x, weight_of("norm"))[-1] @ weight_of("head")


def norm(x: np.ndarray, scale: np.ndarray) -> np.ndarray:
    return x / np.sqrt((x**2).mean(-1, keepdims=True) + 1e-5) * scale


def attention(config, weight_of, x: np.ndarray, name: str) -> np.ndarray:
    heads, groups, size = config.heads, config.key_value_heads, config.head_width
    qkv = x @ weight_of(f"{name}.qkv")
    if config.qkv_bias:
        qkv = qkv + weight_of(f"{name}.qkv.bias")
    out = np.zeros((len(x), heads * size))
    for head in range(heads):
        group = head // (heads // groups)
        q = part(qkv, head, size)
        k = part(qkv, heads + group, size)
        v = part(qkv, heads + groups + group, size)
        for at in range(len(x)):
            scores = np.array([turn(q[at], at) @ turn(k[j], j) for j in range(at + 1)])
            share = np.exp(scores / np.sqrt(size))
            out[at, head * size : (head + 1) * size] = share / share.sum() @ v[: at + 1]
    return out @ weight_of(f"{name}.o")


def part(qkv: np.ndarray, index: int, size: int) -> np.ndarray:
    return qkv[:, index * size : (index + 1) * size]


def turn(x: np.ndarray, place: int) -> np.ndarray:
    """Both halves as coordinates, turned by the angles of a place."""
    one, two = np.split(x, 2)
    cos, sin = np.cos(angles(place, len(one))), np.sin(angles(place, len(one)))
    return np.concatenate([one * cos - two * sin, two * cos + one * sin])


def angles(place: int, half: int) -> np.ndarray:
    return place * 10.0 ** -np.arange(half)
