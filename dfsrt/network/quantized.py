"""Run-time dequantization, taken as a view of the quantized tensor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dfsrt.network.layer import Kind
from dfsrt.network.lower import Step
from dfsrt.network.rules.work import Work
from dfsrt.network.tensor import Tensor


def stored_as_quantized(steps: Sequence[Step], outputs: frozenset[str]) -> tuple[Step, ...]:
    """Turn run-time dequantizations into views; what they and later views make stays quantized."""
    stored: dict[str, str] = {}
    changed = []
    for step in steps:
        if _is_dequantize(step) and step.writes[0].name not in outputs:
            step = replace(step, work=Work(Kind.VIEW))
            stored[step.writes[0].name] = step.reads[0].dtype
        elif step.work.kind is Kind.VIEW and step.reads and step.reads[0].name in stored:
            inner = [t.name for t in step.writes if t.name not in outputs]
            stored.update(dict.fromkeys(inner, stored[step.reads[0].name]))
        changed.append(_restored(step, stored) if stored else step)
    return tuple(changed)


def _is_dequantize(step: Step) -> bool:
    data = step.node.inputs[0] if step.node.inputs else ""
    return step.node.op == "DequantizeLinear" and [t.name for t in step.reads] == [data]


def _restored(step: Step, stored: dict[str, str]) -> Step:
    def typed(tensors: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        return tuple(replace(t, dtype=stored.get(t.name, t.dtype)) for t in tensors)

    return replace(step, reads=typed(step.reads), writes=typed(step.writes))
