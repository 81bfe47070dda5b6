"""SmolLM2-135M: a decoder that reads a prompt, or with a cache of what was read the next tokens."""

from __future__ import annotations

import onnx

from dfsrt.network.kit.builder import Builder, Weights
from dfsrt.network.kit.parts import linear, reshape, silu
from dfsrt.network.language.config import DecoderConfig
from dfsrt.network.language.grouped import grouped_attention, root_norm


def build_smollm2(
    *,
    tokens: int,
    past: int,
    batch: int,
    precision: str = "fp32",
    config: DecoderConfig | None = None,
    weights: Weights | None = None,
) -> onnx.ModelProto:
    """Return the decoder for ``tokens`` that follow ``past`` ones whose keys and values are kept.

    ``logits`` are those of the last token, which alone is asked for when text is written; the
    table of words makes them, too. ``cosines`` and ``sines``, ``(tokens, head / 2)``, turn queries
    and keys by their places. ``mask``, ``(tokens, past + tokens)``, is 0 or -inf; a lone token
    sees all and has none. Caches are ``past_key.N`` and ``past_value.N``, ``(batch, key heads,
    past, head)``, and come out with the new tokens behind the old ones.

    Limits: normalizations leave out their 1e-5, and the square root of the width stands in their
    scales, as the attention's scale stands in the queries' weights.
    """
    c = config or DecoderConfig()
    b = Builder("smollm2-135m", batch, precision, weights)
    ids = b.input("tokens", (batch, tokens), onnx.TensorProto.INT64)
    turns = (b.input("cosines", (tokens, c.head // 2)), b.input("sines", (tokens, c.head // 2)))
    mask = b.input("mask", (tokens, past + tokens)) if tokens > 1 else ""
    words = b.weight("words.weight", (c.words, c.width), 0.01)
    x = b.node("Gather", [words, ids], "words")
    for i in range(c.layers):
        name = f"layers.{i}"
        cache = (_past(b, c, f"past_key.{i}", past), _past(b, c, f"past_value.{i}", past))
        y = root_norm(b, x, f"{name}.norm1", c.width)
        y, kept = grouped_attention(b, y, f"{name}.attn", c, turns, cache, mask)
        for what, tensor in zip(("key", "value"), kept, strict=True):
            b.output(tensor, f"present_{what}.{i}", (batch, c.key_heads, past + tokens, c.head))
        x = b.node("Add", [x, y], f"{name}.add1")
        x = b.node("Add", [x, _feed_forward(b, x, f"{name}.mlp", c)], f"{name}.add2")
    b.output(_last_logits(b, x, words, c, tokens), "logits", (batch, c.words))
    return b.model()


def _past(b: Builder, c: DecoderConfig, name: str, past: int) -> str:
    """A cache of what was read, none where nothing was."""
    return b.input(name, (b.batch, c.key_heads, past, c.head)) if past else ""


def _feed_forward(b: Builder, x: str, name: str, c: DecoderConfig) -> str:
    """A normalization, and a gated pair of products on the way to a third one."""
    y = root_norm(b, x, f"{name}.norm", c.width)
    gate = silu(b, linear(b, y, f"{name}.gate", (c.width, c.inner), bias=False), f"{name}.silu")
    up = linear(b, y, f"{name}.up", (c.width, c.inner), bias=False)
    return linear(b, b.node("Mul", [gate, up], f"{name}.mul"), f"{name}.down",
                  (c.inner, c.width), bias=False)  # fmt: skip


def _last_logits(b: Builder, x: str, words: str, c: DecoderConfig, tokens: int) -> str:
    if tokens > 1:
        ends = (("start", tokens - 1), ("end", tokens), ("axis", 1))
        x = b.node("Slice", [x, *(b.ints(f"last.{k}", [v]) for k, v in ends)], "last")
    x = root_norm(b, reshape(b, x, "last.flat", [b.batch, c.width]), "norm", c.width)
    return b.node("Gemm", [x, words], "words.again", transB=1)
