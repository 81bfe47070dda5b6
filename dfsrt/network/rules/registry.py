"""All rules under their operators' names."""

from __future__ import annotations

from dfsrt.network.contrib import CONTRIB_OPS
from dfsrt.network.graph import Node
from dfsrt.network.rules.attention import ATTENTION_RULES
from dfsrt.network.rules.fourier import FOURIER_RULES
from dfsrt.network.rules.linear_attention import LINEAR_ATTENTION_RULES
from dfsrt.network.rules.losses import LOSS_RULES
from dfsrt.network.rules.matrix import MATRIX_RULES
from dfsrt.network.rules.movement import MOVEMENT_RULES
from dfsrt.network.rules.picks import PICKING_RULES
from dfsrt.network.rules.regions import REGION_RULES
from dfsrt.network.rules.vector import VECTOR_RULES
from dfsrt.network.rules.work import Rule

_STANDARD: dict[str, Rule] = {
    **MATRIX_RULES,
    **ATTENTION_RULES,
    **VECTOR_RULES,
    **FOURIER_RULES,
    **LINEAR_ATTENTION_RULES,
    **LOSS_RULES,
    **PICKING_RULES,
    **REGION_RULES,
    **MOVEMENT_RULES,
}


def operator_names() -> tuple[str, ...]:
    """Return the names of all operators that have a rule, sorted."""
    return tuple(sorted({*_STANDARD, *CONTRIB_OPS}))


def rule_of(node: Node) -> Rule | None:
    """Return the rule of a node's operator, or ``None`` where there is none.

    One of a domain of somebody's own is registered as ``domain::Operator``.
    """
    known = not node.domain or (node.domain == "com.microsoft" and node.op in CONTRIB_OPS)
    return _STANDARD.get(node.op if known else f"{node.domain}::{node.op}")
