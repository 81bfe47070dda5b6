"""Layers of transformers, as encoders of texts and of pictures have them."""

from __future__ import annotations

from collections.abc import Callable

from dfsrt.network.kit.builder import Builder
from dfsrt.network.kit.parts import attention, layer_norm, linear

Activation = Callable[[Builder, str, str], str]


def gelu(b: Builder, x: str, name: str) -> str:
    """Add a Gelu, as an operator of its own."""
    return b.node("Gelu", [x], name)


def encoder_layer(
    b: Builder,
    x: str,
    name: str,
    width: int,
    heads: int,
    inner: int,
    *,
    mask: str = "",
    act: Activation = gelu,
) -> str:
    """Add attention and a feed-forward part, each behind a normalization and around a residual.

    ``x`` is (batch, length, width); ``mask`` is added to the scores, ``act`` stands between the
    products, the first of which is ``inner`` wide.
    """
    y = layer_norm(b, x, f"{name}.norm1", width)
    y = attention(b, y, f"{name}.attn", width, heads, bias=True, added=mask)
    x = b.node("Add", [y, x], f"{name}.add1")
    y = layer_norm(b, x, f"{name}.norm2", width)
    y = linear(b, y, f"{name}.mlp.fc1", (width, inner))
    y = act(b, y, f"{name}.mlp.gelu")
    y = linear(b, y, f"{name}.mlp.fc2", (inner, width))
    return b.node("Add", [y, x], f"{name}.add2")
