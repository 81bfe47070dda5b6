"""The graph of one pass of a language model: new tokens that follow those in the cache."""

from __future__ import annotations

from dataclasses import dataclass

import onnx
from onnx import TensorProto

from dfsrt.network.kit.builder import Builder, Weights
from dfsrt.network.kit.parts import silu
from dfsrt.network.kit.transformer import gelu
from dfsrt.network.llm.config import LlmConfig
from dfsrt.network.llm.weight import Form
from dfsrt.network.rules.contrib.domains import ONNXRUNTIME

EPSILON = 1e-5
_CACHES = ("key", "value")
_PER_TENSOR: dict[str, str | int] = {
    "k_quant_type": "PER_TENSOR",
    "v_quant_type": "PER_TENSOR",
    "kv_cache_bit_width": 8,
}


@dataclass(frozen=True, slots=True)
class Pass:
    """``batch`` sequences of ``tokens`` new tokens each, behind ``past`` ones in the cache.

    The output head runs for the last token of the first ``answers`` sequences. ``kv`` is what the
    cache is stored in: int8, or as the rest.
    """

    batch: int
    tokens: int
    past: int
    answers: int
    kv: str


def pass_model(
    name: str,
    config: LlmConfig,
    sizes: Pass,
    form: Form,
    precision: str = "fp16",
    weights: Weights | None = None,
) -> onnx.ModelProto:
    """Return the ONNX graph of a pass; weights have shapes alone, or the values of ``weights``.

    Inputs are ``input_ids``, ``(batch, tokens)``, the caches ``past_key_values.N.key`` and
    ``.value``, ``(batch, key_value_heads, past, head_width)``, and ``cos_cache`` and ``sin_cache``,
    ``(context, head_width / 2)``, by which queries and keys turn. Outputs are ``logits``,
    ``(answers, 1, vocabulary)``, and ``present.N.key`` and ``.value`` with the new tokens behind.
    """
    return _Decoder(Builder(name, sizes.batch, precision, weights), config, sizes, form).model()


class _Decoder:
    """The graph in the making."""

    def __init__(self, b: Builder, config: LlmConfig, sizes: Pass, form: Form) -> None:
        self.b, self.c, self.s, self.form = b, config, sizes, form
        self.cached = TensorProto.INT8 if sizes.kv == "int8" else b.element
        self.rows = {name: (rows, columns) for name, rows, columns in config.products}

    def model(self) -> onnx.ModelProto:
        b, c, s = self.b, self.c, self.s
        ids = b.input("input_ids", (s.batch, s.tokens), TensorProto.INT64)
        total = s.past + s.tokens
        self.seen = b.ints("seqlens_k", [total - 1] * s.batch, TensorProto.INT32)
        self.total = b.ints("total_sequence_length", [total], TensorProto.INT32)
        half = (c.context, c.head_width // 2)
        self.turns = b.input("cos_cache", half), b.input("sin_cache", half)
        words = (c.width, c.vocabulary)
        head = self.form.weight(b, "head", words)
        table = head if c.tied else self.form.weight(b, "words", words)
        x = self.form.look_up(b, ids, table)
        made = ""
        for i in range(c.layers):
            y, x = self._norm(x, made, f"layers.{i}.norm1")
            made = self._attention(y, i)
            y, x = self._norm(x, made, f"layers.{i}.norm2")
            made = self._feed_forward(y, f"layers.{i}")
        y, _ = self._norm(x, made, "norm")
        logits = self.form.multiply(b, self._last(y), "head", head)
        b.output(logits, "logits", (s.answers, 1, c.vocabulary))
        return b.model()

    def _norm(self, x: str, made: str, name: str) -> tuple[str, str]:
        """Add what was made to ``x``, if anything; return the sum normalized, and the sum."""
        scale = self.b.weight(f"{name}.weight", (self.c.width,), 1.0)
        if not made:
            one = self.b.node("SimplifiedLayerNormalization", [x, scale], name,
                              axis=-1, epsilon=EPSILON)  # fmt: skip
            return one, x
        out, _, _, total = self.b.outputs_of(
            "SkipSimplifiedLayerNormalization", [x, made, scale], name, ("out", "", "", "sum"),
            ONNXRUNTIME, epsilon=EPSILON,
        )  # fmt: skip
        return out, total

    def _attention(self, x: str, i: int) -> str:
        b, c, s, name = self.b, self.c, self.s, f"layers.{i}.attn"
        qkv = self._product(x, f"layers.{i}", "attn.qkv", c.qkv_bias)
        shape = (s.batch, c.key_value_heads, s.past, c.head_width)
        past = [b.input(f"past_key_values.{i}.{what}", shape, self.cached) for what in _CACHES]
        present = [f"present.{i}.{what}" for what in _CACHES]
        scales, quantized = self._cache_scales(name)
        made = b.outputs_of(
            "GroupQueryAttention",
            [qkv, "", "", *past, self.seen, self.total, *self.turns, *scales],
            name, ("out", *present), ONNXRUNTIME,
            num_heads=c.heads, kv_num_heads=c.key_value_heads, do_rotary=1, **quantized,
        )  # fmt: skip
        longer = (s.batch, c.key_value_heads, s.past + s.tokens, c.head_width)
        for tensor in present:
            b.leave(tensor, longer, self.cached)
        return self._product(made[0], f"layers.{i}", "attn.o")

    def _cache_scales(self, name: str) -> tuple[list[str], dict[str, str | int]]:
        """Operands and attributes of a cache in int8: a scale for keys, and one for values."""
        if self.cached != TensorProto.INT8:
            return [], {}
        scales = [
            self.b.weight(f"{name}.{part}", (1,), 1.0, TensorProto.FLOAT)
            for part in ("k_scale", "v_scale")
        ]
        return ["", "", "", *scales], dict(_PER_TENSOR)

    def _feed_forward(self, x: str, name: str) -> str:
        b = self.b
        up = self._product(x, name, "mlp.up")
        if not self.c.gated:
            return self._product(gelu(b, up, f"{name}.mlp.gelu"), name, "mlp.down")
        gate = silu(b, self._product(x, name, "mlp.gate"), f"{name}.mlp.silu")
        return self._product(b.node("Mul", [gate, up], f"{name}.mlp.mul"), name, "mlp.down")

    def _product(self, x: str, block: str, name: str, bias: bool = False) -> str:
        sizes, name = self.rows[name], f"{block}.{name}"
        weight = self.form.weight(self.b, name, sizes)
        if not bias:
            return self.form.multiply(self.b, x, name, weight)
        made = self.form.multiply(self.b, x, f"{name}.matmul", weight)
        added = self.b.weight(f"{name}.bias", sizes[1:])
        return self.b.node("Add", [made, added], name)

    def _last(self, x: str) -> str:
        """The last token of the sequences that are answered."""
        b, s = self.b, self.s
        for axis, (first, size) in enumerate(((0, s.batch), (s.tokens - 1, s.tokens))):
            stop = s.answers if axis == 0 else size
            if (first, stop) != (0, size):
                ends = (("start", first), ("end", stop), ("axis", axis))
                name = f"last.{axis}"
                x = b.node("Slice", [x, *(b.ints(f"{name}.{k}", [v]) for k, v in ends)], name)
        return x
