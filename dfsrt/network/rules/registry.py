"""All rules under their operators' names."""

from __future__ import annotations

from dfsrt.network.graph import Node
from dfsrt.network.rules import contrib
from dfsrt.network.rules.attention import ATTENTION_RULES
from dfsrt.network.rules.fourier import FOURIER_RULES
from dfsrt.network.rules.linear_attention import LINEAR_ATTENTION_RULES
from dfsrt.network.rules.losses import LOSS_RULES
from dfsrt.network.rules.matrix import MATRIX_RULES
from dfsrt.network.rules.movement import MOVEMENT_RULES
from dfsrt.network.rules.picks import PICKING_RULES
from dfsrt.network.rules.recurrent import RECURRENT_RULES
from dfsrt.network.rules.regions import REGION_RULES
from dfsrt.network.rules.rotary import ROTARY_RULES
from dfsrt.network.rules.vector import VECTOR_RULES
from dfsrt.network.rules.work import Rule

_STANDARD: dict[str, Rule] = {
    **MATRIX_RULES,
    **ATTENTION_RULES,
    **RECURRENT_RULES,
    **VECTOR_RULES,
    **FOURIER_RULES,
    **LINEAR_ATTENTION_RULES,
    **LOSS_RULES,
    **PICKING_RULES,
    **REGION_RULES,
    **ROTARY_RULES,
    **MOVEMENT_RULES,
}


def operator_names() -> tuple[str, ...]:
    """Return the names of all operators that have a rule, sorted."""
    return tuple(sorted({*_STANDARD, *contrib.operator_names()}))


def rule_of(node: Node) -> Rule | None:
    """Return the rule of a node's operator, or ``None`` where there is none.

    One of a domain of somebody's own is registered as ``domain::Operator``.
    """
    standard = _STANDARD.get(node.op)
    if node.domain == contrib.CHANNELS_LAST:
        return contrib.on_channels_last(standard) if standard else None
    operator = contrib.operator_of(node)
    if operator is not None:
        return operator.work or standard
    return _STANDARD.get(f"{node.domain}::{node.op}") if node.domain else standard
