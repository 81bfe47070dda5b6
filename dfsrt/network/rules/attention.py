"""Rules of the attention operators: scores, softmax and weighted sum of values in one layer."""

from __future__ import annotations

from dataclasses import dataclass

from dfsrt.network.layer import Gemm, Kind, Operands
from dfsrt.network.rules.lane_ops import SOFTMAX_OPS
from dfsrt.network.rules.work import Call, Rule, Work


@dataclass(frozen=True, slots=True)
class _Heads:
    """Sizes of one attention: ``batch`` x ``count`` heads of ``length`` rows on ``total`` keys."""

    batch: int
    count: int
    length: int
    total: int
    key_size: int
    value_size: int

    @property
    def gemms(self) -> tuple[Gemm, Gemm]:
        """The full square of scores, causal or not, and the weighted sum of values."""
        number = self.batch * self.count
        return (
            Gemm(self.length, self.key_size, self.total, number),
            Gemm(self.length, self.total, self.value_size, number),
        )

    def softmax_ops(self, extra: int) -> int:
        """Lane operations: softmax, scaling and ``extra`` steps on each score."""
        return self.batch * self.count * self.length * self.total * (SOFTMAX_OPS + 1 + extra)


@dataclass(frozen=True, slots=True)
class _Sources:
    """Which operands of the node hold queries, keys and values, by position."""

    query: tuple[int, ...]
    key: tuple[int, ...]
    value: tuple[int, ...]

    def operands(self, call: Call) -> tuple[Operands, Operands]:
        """What the two products multiply; scores stay in the layer."""
        scores = Operands(call.names(*self.query), call.names(*self.key))
        return scores, Operands((), call.names(*self.value), call.output.name)


def _standard(call: Call) -> Work:
    """ONNX ``Attention``, operator set 23 and later; a past key lengthens the keys."""
    query, key, value = (_split_heads(call, index) for index in range(3))
    past = call.optional(4)
    total = key[2] + (past.shape[2] if past is not None else 0)
    extra = (call.optional(3) is not None) + 2 * bool(call.node.attribute("softcap", 0.0))
    heads = _Heads(query[0], query[1], query[2], total, query[3], value[3])
    sources = _Sources((0,), (4, 1), (5, 2))
    return Work(
        Kind.MATRIX, heads.gemms, sources.operands(call), vector_ops=heads.softmax_ops(extra)
    )


def _split_heads(call: Call, index: int) -> tuple[int, ...]:
    """Return an operand's (batch, heads, length, size), from 4-D or from (batch, length, width)."""
    shape = call.input(index).shape
    if len(shape) == 4:
        return shape
    name = "q_num_heads" if index == 0 else "kv_num_heads"
    count = call.node.attribute(name, 0)
    if len(shape) != 3 or count < 1 or shape[2] % count:
        raise call.refuse(f"operand {index} of shape {list(shape)} needs a fitting '{name}'")
    return shape[0], count, shape[1], shape[2] // count


def _packed(call: Call) -> Work:
    """onnxruntime's ``Attention``: projects query, key and value out of one input first."""
    batch, length, width = call.input(0).shape
    joined = call.input(1).shape[1]
    count = _num_heads(call)
    sizes = call.node.attribute("qkv_hidden_sizes", ()) or (joined // 3,) * 3
    past = call.optional(4)
    total = length + (past.shape[3] if past is not None else 0)
    heads = _Heads(batch, count, length, total, sizes[0] // count, sizes[2] // count)
    sources = _Sources((), (4,), (4,))  # queries are made here, and so are keys beside the past's
    return Work(
        Kind.MATRIX,
        (Gemm(batch * length, width, joined), *heads.gemms),
        (Operands(call.names(0), call.names(1)), *sources.operands(call)),
        vector_ops=heads.softmax_ops(_masked(call, 3)),
    )


def _multi_head(call: Call) -> Work:
    """onnxruntime's ``MultiHeadAttention`` on separate operands, or with some packed."""
    query, count = call.input(0).shape, _num_heads(call)
    key = call.optional(1)
    value = call.optional(2)
    width = query[2] * query[4] if len(query) == 5 else query[2]
    total = key.shape[2] if key is not None and len(key.shape) == 4 else 0
    total = total or (key.shape[1] if key is not None else query[1])
    past = call.optional(6)
    total += past.shape[2] if past is not None else 0
    value_width = call.output.shape[2] if value is not None else width
    heads = _Heads(query[0], count, query[1], total, width // count, value_width // count)
    # A key that is absent is packed with the query; an absent value, with the key.
    keys = 1 if key is not None else 0
    sources = _Sources((0,), (6, keys), (7, 2 if value is not None else keys))
    return Work(
        Kind.MATRIX,
        heads.gemms,
        sources.operands(call),
        vector_ops=heads.softmax_ops(_masked(call, 5)),
    )


def _num_heads(call: Call) -> int:
    count = call.node.attribute("num_heads", 0)
    if count < 1:
        raise call.refuse(f"attribute 'num_heads' is {count}, it must be 1 or more")
    return count


def _masked(call: Call, index: int) -> int:
    return int(call.optional(index) is not None)


def _attention(call: Call) -> Work:
    return _packed(call) if call.node.domain == "com.microsoft" else _standard(call)


ATTENTION_RULES: dict[str, Rule] = {
    "Attention": _attention,
    "MultiHeadAttention": _multi_head,
}
