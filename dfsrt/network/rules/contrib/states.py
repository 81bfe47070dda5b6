"""Attention and convolutions that keep a state of fixed size from run to run."""

from __future__ import annotations

from dfsrt.network.rules.contrib.channels_last import on_channels_last
from dfsrt.network.rules.contrib.facts import Typed
from dfsrt.network.rules.contrib.operator import Operator
from dfsrt.network.rules.contrib.site import Site
from dfsrt.network.rules.linear_attention import LINEAR_ATTENTION_RULES
from dfsrt.network.rules.work import Call, Work


def _linear(site: Site) -> tuple[Typed, ...]:
    element, (batch, length, width) = site.element(0), site.shape(0, 3)
    heads, kept = site.positive("q_num_heads"), site.positive("kv_num_heads")
    key, value = width // heads, site.shape(2, 3)[2] // kept
    past = site.optional(3)
    state = past if past is not None else (element, (batch, kept, key, value))
    return (element, (batch, length, max(heads, kept) * value)), state


def _causal(site: Site) -> tuple[Typed, ...]:
    element, data = site.operand(0)
    past, steps = site.optional(3), (site.shape(1)[-1] - 1) * site.node.attribute("dilation", 1)
    kept = (*data[:-1], steps)
    if site.node.attribute("channels_last", 0):
        kept = (data[0], steps, *data[2:])
    return (element, data), past if past is not None else (element, kept)


def _causal_work(call: Call) -> Work:
    rule = LINEAR_ATTENTION_RULES["CausalConvWithState"]
    last = call.node.attribute("channels_last", 0)
    return on_channels_last(rule)(call) if last else rule(call)


STATES: dict[str, Operator] = {
    "CausalConvWithState": Operator(_causal, _causal_work),
    "LinearAttention": Operator(_linear),
}
