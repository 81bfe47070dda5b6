"""Rules of the vector unit's operators, from the counts in ``lane_ops``."""

from __future__ import annotations

import math
from dataclasses import replace

from dfsrt.network.layer import Kind
from dfsrt.network.rules.lane_ops import (
    ELEMENTWISE,
    LRN_OPS,
    PER_INPUT_ELEMENT,
    PER_OUTPUT_ELEMENT,
    POOL_OPS,
    RESIZE_TAPS,
    VARIADIC,
)
from dfsrt.network.rules.resizing import resize_window
from dfsrt.network.rules.sliding import sliding_window, whole_window
from dfsrt.network.rules.work import Call, Rule, Work
from dfsrt.network.window import Window

# Operands that steer an operator and are not read as data, by position.
_SETTINGS: dict[str, frozenset[int]] = {
    "Clip": frozenset({1, 2}),
    "CumProd": frozenset({1}),
    "CumSum": frozenset({1}),
    "Trilu": frozenset({1}),
    "DequantizeLinear": frozenset({1, 2}),
    "QuantizeLinear": frozenset({1, 2}),
    **{name: frozenset({1}) for name in PER_INPUT_ELEMENT if name.startswith(("Reduce", "Arg"))},
}


def vector_work(
    ops: int, settings: frozenset[int] = frozenset(), window: Window | None = None
) -> Work:
    """Return the work of a layer on the vector unit."""
    return Work(Kind.VECTOR, vector_ops=ops, settings=settings, window=window)


def _elementwise(call: Call) -> Work:
    op = call.node.op
    if op == "Cast" and call.input(0).dtype == call.output.dtype:
        return Work(Kind.VIEW)
    ops = ELEMENTWISE[op]
    if op == "Pow" and _is_square(call):
        ops = 1
    return vector_work(ops * call.output.elements, _SETTINGS.get(op, frozenset()))


def _is_square(call: Call) -> bool:
    exponent = call.value(1)
    return exponent is not None and exponent.size == 1 and float(exponent.reshape(-1)[0]) == 2.0


def _variadic(call: Call) -> Work:
    further = max(len(call.inputs) - 1, 0)
    return vector_work((further + VARIADIC[call.node.op]) * call.output.elements)


def _per_input(call: Call) -> Work:
    op = call.node.op
    ops = PER_INPUT_ELEMENT[op] * call.input(0).elements
    return vector_work(ops, _SETTINGS.get(op, frozenset()))


def _per_output(call: Call) -> Work:
    op = call.node.op
    ops = PER_OUTPUT_ELEMENT[op] * call.output.elements
    return vector_work(ops, _SETTINGS.get(op, frozenset()))


def _pool(call: Call) -> Work:
    """A window takes no more elements along an axis than the input has there."""
    kernel = call.node.attribute("kernel_shape", ())
    if not kernel:
        raise call.refuse("attribute 'kernel_shape' is missing")
    _, channels, *sizes = call.input(0).shape
    steps = call.node.per_axis("dilations", len(kernel))
    taps = (min(k, -(-n // d)) for k, n, d in zip(kernel, sizes, steps, strict=True))
    ops = POOL_OPS[call.node.op] * math.prod(taps) * call.output.elements
    return vector_work(ops, window=sliding_window(call, 0, kernel, channels))


def _global_pool(call: Call) -> Work:
    return replace(_per_input(call), window=whole_window(call))


def _lrn(call: Call) -> Work:
    size = call.node.attribute("size", 1)
    return vector_work((size + LRN_OPS) * call.output.elements)


def _top_k(call: Call) -> Work:
    """A comparison per element and level of a tree as deep as the candidates kept."""
    axis = call.node.attribute("axis", -1)
    kept = call.output.shape[axis]
    depth = max(kept - 1, 0).bit_length() + 1
    return vector_work(depth * call.input(0).elements, frozenset({1}))


def _resize(call: Call) -> Work:
    mode = call.node.attribute("mode", "nearest")
    if mode == "bilinear":  # Upsample before operator set 9
        mode = "linear"
    if mode not in RESIZE_TAPS:
        raise call.refuse(f"mode '{mode}' is unknown, use one of {', '.join(RESIZE_TAPS)}")
    changed = sum(a != b for a, b in zip(call.input(0).shape, call.output.shape, strict=True))
    ops = RESIZE_TAPS[mode] ** changed * call.output.elements
    return vector_work(ops, frozenset({1, 2, 3}), resize_window(call))


VECTOR_RULES: dict[str, Rule] = {
    **dict.fromkeys(ELEMENTWISE, _elementwise),
    **dict.fromkeys(VARIADIC, _variadic),
    **dict.fromkeys(PER_INPUT_ELEMENT, _per_input),
    **dict.fromkeys(PER_OUTPUT_ELEMENT, _per_output),
    **dict.fromkeys(POOL_OPS, _pool),
    **dict.fromkeys(("GlobalAveragePool", "GlobalLpPool", "GlobalMaxPool"), _global_pool),
    "LRN": _lrn,
    "Resize": _resize,
    "TopK": _top_k,
    "Upsample": _resize,
}
