"""BERT-base: an encoder of texts whose normalizations come after its sums."""

from __future__ import annotations

import onnx

from dfsrt.network.kit.builder import Builder, Weights
from dfsrt.network.kit.parts import layer_norm, linear, reshape
from dfsrt.network.kit.transformer import late_norm_layer
from dfsrt.network.language.config import BertConfig

_FIRST = (("start", 0), ("end", 1), ("axis", 1))


def build_bert(
    *,
    tokens: int,
    batch: int,
    precision: str = "fp32",
    config: BertConfig | None = None,
    weights: Weights | None = None,
) -> onnx.ModelProto:
    """Return the encoder of ``batch`` texts, and its pooler: a vector each token, and one a text.

    ``tokens``, ``types`` (of the first or the second sentence) and ``places`` are looked up in
    tables, which are read by rows. ``mask``, ``(batch, 1, 1, tokens)``, is 0 or -inf: what is
    added to the scores.
    """
    c = config or BertConfig()
    b = Builder("bert-base", batch, precision, weights)
    x = _embedding(b, c, tokens)
    mask = b.input("mask", (batch, 1, 1, tokens))
    for i in range(c.layers):
        x = late_norm_layer(b, x, f"layers.{i}", c.width, c.heads, c.inner, mask=mask)
    b.output(x, "states", (batch, tokens, c.width))
    first = b.node("Slice", [x, *(b.ints(f"pick.{k}", [v]) for k, v in _FIRST)], "pick")
    pooled = linear(b, reshape(b, first, "picked", [0, c.width]), "pooler", (c.width, c.width))
    b.output(b.node("Tanh", [pooled], "pooler.tanh"), "pooled", (batch, c.width))
    return b.model()


def _embedding(b: Builder, c: BertConfig, tokens: int) -> str:
    """The sum of three tables' rows, normalized."""
    rows = {
        "tokens": ((b.batch, tokens), c.words),
        "types": ((b.batch, tokens), c.types),
        "places": ((1, tokens), c.places),
    }
    parts = []
    for name, (shape, many) in rows.items():
        ids = b.input(name, shape, onnx.TensorProto.INT64)
        table = b.weight(f"embedding.{name}.weight", (many, c.width), 0.01)
        parts.append(b.node("Gather", [table, ids], f"embedding.{name}"))
    both = b.node("Add", parts[:2], "embedding.add1")
    return layer_norm(b, b.node("Add", [both, parts[2]], "embedding.add2"), "embedding", c.width)
