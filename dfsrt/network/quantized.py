"""Quantization at the border and dequantization at run time, taken as views."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dfsrt.network.layer import Kind
from dfsrt.network.lower import Step
from dfsrt.network.rules.work import Work
from dfsrt.network.tensor import INDEX_TYPES, PRECISION_OF, Tensor

_INTEGERS = {name for name, kind in PRECISION_OF.items() if kind.startswith("int")} | INDEX_TYPES
BORDER = (
    "inputs and outputs of a quantized network cross in its own numbers: who calls it converts them"
)
"""What reports say of a network that is fed, or answers, in quantized numbers."""


def quantized_at_border(steps: Sequence[Step], outputs: frozenset[str]) -> tuple[Step, ...]:
    """Turn what quantizes inputs, and dequantizes ``outputs``, into views of quantized numbers.

    The caller's runtime does that, as it does for a network that a compiler converted. An input
    counts where nothing but one kind of quantization reads it.
    """
    kinds = _fed_as(steps, outputs)
    ends = {i for i, s in enumerate(steps) if _is_dequantize(s) and s.writes[0].name in outputs}
    starts = {i for i, s in enumerate(steps) if s.reads and s.reads[0].name in kinds}
    view = Work(Kind.VIEW, note=BORDER)
    changed = [replace(s, work=view) if i in starts | ends else s for i, s in enumerate(steps)]
    if not starts | ends or all(s.work.kind is Kind.VIEW for s in changed):
        return tuple(steps)
    for i in sorted(ends):
        kinds[steps[i].writes[0].name] = kinds.get(steps[i].reads[0].name, steps[i].reads[0].dtype)
    return tuple(_restored(step, kinds) for step in changed)


def stored_as_quantized(steps: Sequence[Step], outputs: frozenset[str]) -> tuple[Step, ...]:
    """Turn run-time dequantizations into views; what they and later views make stays quantized.

    So does what is made of quantized numbers alone and then quantized again: a product's sums, or
    what is but moved. Their scale changes on the way out, as in a network that dfsrt converted.
    """
    stored: dict[str, str] = {}
    again, integer = _quantized_alone(steps, outputs), set[str]()
    changed = []
    for step in steps:
        alone = all(t.name in integer or t.dtype in _INTEGERS for t in step.reads)
        integer.update(t.name for t in step.writes if alone)
        if _is_dequantize(step) and step.writes[0].name not in outputs:
            step = replace(step, work=Work(Kind.VIEW))
            stored[step.writes[0].name] = step.reads[0].dtype
        elif step.node.op == "QuantizeLinear" and step.reads[0].name in stored.keys() & again:
            step = replace(step, work=Work(Kind.VIEW))
        elif step.work.kind is Kind.VIEW and step.reads and step.reads[0].name in stored:
            inner = [t.name for t in step.writes if t.name not in outputs]
            stored.update(dict.fromkeys(inner, stored[step.reads[0].name]))
        elif alone:
            stored.update({t.name: again[t.name] for t in step.writes if t.name in again})
        changed.append(_restored(step, stored) if stored else step)
    return tuple(changed)


def _fed_as(steps: Sequence[Step], outputs: frozenset[str]) -> dict[str, str]:
    """Return the quantized type of each input that nothing but such quantization reads."""
    made = {t.name for step in steps for t in step.writes}
    alone = _quantized_alone(steps, outputs)
    return {name: kind for name, kind in alone.items() if name not in made}


def _quantized_alone(steps: Sequence[Step], outputs: frozenset[str]) -> dict[str, str]:
    """Return the quantized type of each tensor that is read by quantizations to one type alone."""
    kinds: dict[str, set[str]] = {}
    for step in steps:
        for tensor in step.reads:
            kind = step.writes[0].dtype if step.node.op == "QuantizeLinear" else ""
            kinds.setdefault(tensor.name, set()).add(kind)
    return {
        name: min(kind)
        for name, kind in kinds.items()
        if len(kind) == 1 and "" not in kind and name not in outputs
    }


def _is_dequantize(step: Step) -> bool:
    data = step.node.inputs[0] if step.node.inputs else ""
    return step.node.op == "DequantizeLinear" and [t.name for t in step.reads] == [data]


def _restored(step: Step, stored: dict[str, str]) -> Step:
    def typed(tensors: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        return tuple(replace(t, dtype=stored.get(t.name, t.dtype)) for t in tensors)

    return replace(step, reads=typed(step.reads), writes=typed(step.writes))
