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
    key_bias: bool = True,
) -> str:
    """Add attention and a feed-forward part, each behind a normalization and around a residual.

    ``x`` is (batch, length, width); ``mask`` is added to the scores, ``act`` stands between the
    products, the first of which is ``inner`` wide. Without ``key_bias`` keys alone have no bias.
    """
    y = layer_norm(b, x, f"{name}.norm1", width)
    y = attention(b, y, f"{name}.attn", width, heads, bias=True, added=mask, key_bias=key_bias)
    x = b.node("Add", [y, x], f"{name}.add1")
    y = layer_norm(b, x, f"{name}.norm2", width)
    return b.node("Add", [feed_forward(b, y, name, width, inner, act), x], f"{name}.add2")


def late_norm_layer(
    b: Builder, x: str, name: str, width: int, heads: int, inner: int, *, mask: str = ""
) -> str:
    """Add attention and a feed-forward part, each in a residual and before a normalization.

    As ``encoder_layer``, in the order of the first transformers.
    """
    y = attention(b, x, f"{name}.attn", width, heads, bias=True, added=mask)
    x = layer_norm(b, b.node("Add", [y, x], f"{name}.add1"), f"{name}.norm1", width)
    y = feed_forward(b, x, name, width, inner)
    return layer_norm(b, b.node("Add", [y, x], f"{name}.add2"), f"{name}.norm2", width)


def feed_forward(
    b: Builder, x: str, name: str, width: int, inner: int, act: Activation = gelu
) -> str:
    """Add two products, the first of which is ``inner`` wide, and ``act`` between them."""
    y = act(b, linear(b, x, f"{name}.mlp.fc1", (width, inner)), f"{name}.mlp.gelu")
    return linear(b, y, f"{name}.mlp.fc2", (inner, width))
