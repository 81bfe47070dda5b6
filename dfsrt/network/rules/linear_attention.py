"""Rules of linear attention and of the causal convolution before it (operator set 27)."""

from __future__ import annotations

from dataclasses import replace

from dfsrt.network.axis import Axis
from dfsrt.network.layer import Gemm, Kind, Operands
from dfsrt.network.rules.lane_ops import FUNCTION
from dfsrt.network.rules.matrix import matrix_work
from dfsrt.network.rules.work import Call, Rule, Work
from dfsrt.network.window import Window


def _linear(call: Call) -> Work:
    """Of each token: its key times value into the state, its query times the state.

    The delta rules read the state by the key, too. Decay is a factor and a sum on every element
    of the state, at every token, which stays on chip.

    Source: the ONNX text of ``LinearAttention``, token by token.
    """
    batch, length, width = call.input(0).shape
    heads, kept = (call.node.attribute(f"{name}_num_heads", 0) for name in ("q", "kv"))
    if min(heads, kept) < 1 or width % heads or call.input(2).shape[2] % kept:
        raise call.refuse("its heads do not fit its query and value")
    key, value = width // heads, call.input(2).shape[2] // kept
    rule = call.node.attribute("update_rule", "gated_delta")
    update = Gemm(key, length, value, batch * kept)
    gemms = [update, Gemm(length, key, value, batch * heads)]
    keys, values = call.names(1), call.names(2)
    operands = [Operands(keys, values), Operands(call.names(0), (), call.output.name)]
    if "delta" in rule:
        gemms.insert(0, Gemm(length, key, value, batch * kept))
        operands.insert(0, Operands(keys, ()))
    state = batch * length * kept * key * value
    decay = call.optional(4)
    ops = (FUNCTION * decay.elements + state if decay is not None else 0) + state
    return Work(Kind.MATRIX, tuple(gemms), tuple(operands), vector_ops=ops)


def _causal_conv(call: Call) -> Work:
    """A depthwise convolution of one row, with its activation."""
    batch, channels, length = call.input(0).shape
    taps, dilation = call.input(1).shape[2], call.node.attribute("dilation", 1)
    work = matrix_work(call, Gemm(batch * length, taps, 1, channels))
    axis = Axis(length, length, taps, 1, (taps - 1) * dilation, dilation)  # the state before it
    active = call.node.attribute("activation", "none") != "none"
    ops = (FUNCTION + 1) * call.input(0).elements if active else 0
    return replace(work, vector_ops=ops, window=Window((axis,), channels))


LINEAR_ATTENTION_RULES: dict[str, Rule] = {
    "CausalConvWithState": _causal_conv,
    "LinearAttention": _linear,
}
