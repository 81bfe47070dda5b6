"""Conditions of Ifs that depend on data: what works them out, and what is said of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from dfsrt.network.control.flow import Decision
from dfsrt.network.graph import Node
from dfsrt.network.rules.matrix import MATRIX_RULES
from dfsrt.network.shapes.inference import Walk

if TYPE_CHECKING:
    import onnx

SHOWN = 3
"""Decisions that are told one by one; of more the rest is counted."""
SMALL = 16
"""Elements up to which an input may be what decides, and be given a value."""


def keep_condition(name: str, walk: Walk) -> None:
    """Keep what works out a condition, which runs before either branch.

    Comparisons of small inputs are left to the host, which knows their values.
    """
    makers = {output: node for node in walk.running for output in node.outputs}
    inputs = {i.name for i in walk.graph.inputs}
    reached = _behind(name, makers)
    deciders = [tensor for tensor in reached if tensor in inputs]
    multiplies = any(makers[t].op in MATRIX_RULES for t in reached if t in makers)
    by_host = deciders and not multiplies and all(_is_small(n, walk) for n in deciders)
    if name in makers and not by_host:
        walk.kept.add(name)


def decision_notes(
    decisions: Sequence[Decision], walk: Walk, inputs: Mapping[str, onnx.TypeProto]
) -> list[str]:
    """Return what is to be said of branches that were taken without knowing their conditions."""
    makers = {name: node for node in walk.running for name in node.outputs}
    notes = []
    for decision in decisions[:SHOWN]:
        behind = sorted(inputs.keys() & set(_behind(decision.condition, makers)))
        names = [n for n in behind if _is_small(n, walk)]
        by = f" (on input {' and '.join(names)})" if names else ""
        other = "else" if decision.taken == "then" else "then"
        advice = (
            f"--set {names[0]}=VALUE decides it" if names else f"--branch {other} takes the other"
        )
        notes.append(
            f"If '{decision.node}' depends on data{by}: its {decision.taken} branch counts, "
            f"{decision.why}; {advice}"
        )
    if len(decisions) > SHOWN:
        more = len(decisions) - SHOWN
        taken = [d.taken for d in decisions[SHOWN:]]
        notes.append(
            f"{more} more Ifs depend on data: then counts in {taken.count('then')} of them, else "
            f"in {taken.count('else')}; --branch chooses one for all"
        )
    return notes


def _is_small(name: str, walk: Walk) -> bool:
    return name in walk.tensors and walk.tensors[name].elements <= SMALL


def _behind(name: str, makers: Mapping[str, Node]) -> list[str]:
    """The tensors that one is worked out from, itself first."""
    reached = dict.fromkeys([name])
    waiting = [name]
    while waiting:
        maker = makers.get(waiting.pop())
        fresh = [n for n in (() if maker is None else maker.inputs) if n not in reached]
        reached.update(dict.fromkeys(fresh))
        waiting += fresh
    return list(reached)
