"""The text side of CLIP: a prompt's tokens to one vector."""

from __future__ import annotations

import onnx

from dfsrt.network.kit.builder import Builder
from dfsrt.network.kit.parts import layer_norm, linear, silu
from dfsrt.network.kit.transformer import encoder_layer

WIDTH, HEADS, LAYERS, INNER, WORDS = 512, 8, 12, 2048, 49_408
"""Source: Radford et al., Learning Transferable Visual Models From Natural Language Supervision,
2021, section 2.4 and table 19 (ViT-B/32)."""


def build_text_encoder(*, tokens: int, batch: int, precision: str = "fp32") -> onnx.ModelProto:
    """Return the text encoder of CLIP ViT-B/32, to the vector that is compared with pictures'.

    The causal mask is an input, ``(tokens, tokens)``, 0 or -inf, and so is ``end``, ``(batch, 1)``:
    the place of each text's last token, whose vector is taken. Its activation x · sigmoid(1.702 x)
    is SiLU, with the factor folded into the products' weights on both sides.

    Limits: for fewer tokens than the full 77 the table of their places has only so many rows.
    """
    b = Builder("clip-text-encoder", batch, precision)
    ids = b.input("tokens", (batch, tokens), onnx.TensorProto.INT64)
    mask = b.input("causal_mask", (tokens, tokens))
    end = b.input("end", (batch, 1), onnx.TensorProto.INT64)
    words = b.weight("token_embedding.weight", (WORDS, WIDTH), 0.01)
    places = b.weight("position_embedding.weight", (tokens, WIDTH), 0.01)
    x = b.node("Add", [b.node("Gather", [words, ids], "words"), places], "places")
    for i in range(LAYERS):
        x = encoder_layer(b, x, f"layers.{i}", WIDTH, HEADS, INNER, mask=mask, act=silu)
    x = layer_norm(b, x, "norm", WIDTH)
    last = b.node("GatherND", [x, end], "last", batch_dims=1)
    b.output(linear(b, last, "projection", (WIDTH, WIDTH), bias=False), "text", (batch, WIDTH))
    return b.model()
