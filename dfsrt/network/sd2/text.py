"""The text encoder: a prompt's tokens to its embedding."""

from __future__ import annotations

import onnx

from dfsrt.network.kit.builder import Builder, Weights
from dfsrt.network.kit.parts import layer_norm
from dfsrt.network.kit.transformer import encoder_layer
from dfsrt.network.sd2.config import TextConfig


def build_text_encoder(
    batch: int,
    tokens: int,
    precision: str = "fp32",
    config: TextConfig | None = None,
    weights: Weights | None = None,
) -> onnx.ModelProto:
    """Return the text encoder; the causal mask is an input, ``(tokens, tokens)``, 0 or -inf.

    Limits: for fewer tokens than the full 77 the table of their places has only so many rows,
    and the parameters are fewer by the rest.
    """
    c = config or TextConfig()
    b = Builder("sd2-text-encoder", batch, precision, weights)
    ids = b.input("tokens", (batch, tokens), onnx.TensorProto.INT64)
    mask = b.input("causal_mask", (tokens, tokens))
    words = b.weight("token_embedding.weight", (c.words, c.width), 0.01)
    places = b.weight("position_embedding.weight", (tokens, c.width), 0.01)
    x = b.node("Gather", [words, ids], "token_embedding")
    x = b.node("Add", [x, places], "position_embedding")
    for i in range(c.layers):
        x = encoder_layer(b, x, f"layers.{i}", c.width, c.heads, c.inner, mask=mask)
    x = layer_norm(b, x, "final_layer_norm", c.width)
    b.output(x, "prompt", (batch, tokens, c.width))
    return b.model()
