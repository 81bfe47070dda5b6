"""Rules of the attention operators: scores, softmax and weighted sum of values in one layer."""

from __future__ import annotations

from dataclasses import dataclass

from dfsrt.network.layer import Gemm, Kind, Operands
from dfsrt.network.rules.lane_ops import SOFTCAP_OPS, SOFTMAX_OPS
from dfsrt.network.rules.work import Call, Rule, Work


@dataclass(frozen=True, slots=True)
class Heads:
    """Sizes of one attention: ``batch`` x ``count`` heads of ``length`` rows on ``total`` keys.

    Of ``group`` heads that share keys and values the rows meet them together.
    """

    batch: int
    count: int
    length: int
    total: int
    key_size: int
    value_size: int
    group: int = 1

    @property
    def gemms(self) -> tuple[Gemm, Gemm]:
        """The full square of scores, causal or not, and the weighted sum of values."""
        number, rows = self.batch * self.count // self.group, self.length * self.group
        return (
            Gemm(rows, self.key_size, self.total, number),
            Gemm(rows, self.total, self.value_size, number),
        )

    def softmax_ops(self, extra: int) -> int:
        """Lane operations: softmax, scaling and ``extra`` steps on each score."""
        return self.batch * self.count * self.length * self.total * (SOFTMAX_OPS + 1 + extra)


@dataclass(frozen=True, slots=True)
class Sources:
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
    fresh = key[0] * key[1] * key[2]
    extra = (call.optional(3) is not None) + SOFTCAP_OPS * bool(call.node.attribute("softcap", 0.0))
    heads = Heads(query[0], query[1], query[2], total, query[3], value[3])
    sources = Sources((0,), (4, 1), (5, 2))
    return Work(
        Kind.MATRIX,
        heads.gemms,
        sources.operands(call),
        vector_ops=heads.softmax_ops(extra),
        appended={} if past is None else {1: fresh * key[3], 2: fresh * value[3]},
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


ATTENTION_RULES: dict[str, Rule] = {"Attention": _standard}
