"""Precisions: what layers compute in, what tensors are stored as, and the names of both."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from dfsrt.base.errors import InputError
from dfsrt.base.names import one_of
from dfsrt.network.layer import Layer
from dfsrt.network.tensor import INDEX_TYPES, PRECISION_OF, Tensor

PRECISIONS = {
    "int8": "int8",
    "fp16": "float16",
    "fp32": "float32",
    "bf16": "bfloat16",
    "fp8": "float8e4m3fn",
    "fp4": "float4e2m1",
    "int16": "int16",
    "int4": "int4",
    "int2": "int2",
}
"""Precisions a network can be converted to, with the element type each one stores."""

FLOAT_PRECISIONS = {"fp16": "float16", "fp32": "float32", "bf16": "bfloat16"}
"""Precisions that a GPU computes in, with the element type of each."""

TRAINING = {"fp32", "fp64"}
"""Precisions that networks are trained in, which no compiler for an NPU keeps."""

_PAIR = re.compile(r"w(\d+)a(\d+)")
_WEIGHT_BITS = {2: "int2", 4: "int4", 8: "int8", 16: "float16"}
_ARITHMETIC_BITS = {4: "int4", 8: "int8", 16: "float16", 32: "float32"}


@dataclass(frozen=True, slots=True)
class Numbers:
    """Element types of what products multiply by, their weights, and of everything else."""

    weights: str
    others: str


def parse_precision(text: str) -> Numbers:
    """Return the element types of a precision's name, or of a pair like ``w4a16``.

    Raises:
        InputError: neither is one; the message has those that are.
    """
    if text in PRECISIONS:
        return Numbers(PRECISIONS[text], PRECISIONS[text])
    pair = _PAIR.fullmatch(text)
    if pair is None:
        raise InputError(
            f"precision '{text}' is unknown; give bits of weights and activations like w4a16, or "
            + one_of(text, PRECISIONS)
        )
    weights, others = int(pair[1]), int(pair[2])
    if weights not in _WEIGHT_BITS or others not in _ARITHMETIC_BITS or weights > others:
        raise InputError(
            f"precision '{text}' has weights of {weights} bits and activations of {others}; "
            "weights have 2, 4, 8 or 16, activations 4, 8, 16 or 32, no fewer than the weights: "
            "like w4a16 or w8a8"
        )
    return Numbers(_WEIGHT_BITS[weights], _ARITHMETIC_BITS[others])


def convert_layer(layer: Layer, dtype: str, weights: str = "") -> Layer:
    """Return ``layer`` with real-valued tensors as ``dtype``, those it multiplies as ``weights``.

    A tensor of that precision already is left as it is, with the scales of its blocks. Without
    ``weights`` they are as all others.
    """
    multiplied = {t.name for t in layer.multiplied} if weights else set()

    def cast(tensors: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        return tuple(stored_in(t, dtype) for t in tensors)

    return replace(
        layer,
        inputs=cast(layer.inputs),
        weights=tuple(
            stored_in(t, weights if t.name in multiplied else dtype) for t in layer.weights
        ),
        outputs=cast(layer.outputs),
    )


def stored_in(tensor: Tensor, dtype: str) -> Tensor:
    """Return a real-valued tensor stored as ``dtype``; indices and booleans keep their type."""
    if tensor.dtype in INDEX_TYPES or PRECISION_OF[tensor.dtype] == PRECISION_OF[dtype]:
        return tensor
    return replace(tensor, dtype=dtype, side_bytes=0)


def weight_precision(layer: Layer) -> str | None:
    """Return what a layer's weights are stored in, where that is less than it computes in."""
    real = [t for t in layer.weights if t.dtype not in INDEX_TYPES]
    largest = max(real, key=lambda t: t.elements, default=None)
    if largest is None or layer.index_only:
        return None
    stored = PRECISION_OF[largest.dtype]
    return None if stored == layer.precision else stored


def count_converted(
    before: Iterable[Layer], after: Iterable[Layer]
) -> tuple[tuple[str, str, int], ...]:
    """Return how many layers that work on real numbers changed from which precision to which."""
    counts: dict[tuple[str, str], int] = {}
    for a, b in zip(before, after, strict=True):
        if a.computes and a.precision != b.precision:
            change = a.precision, b.precision
            counts[change] = counts.get(change, 0) + 1
    return tuple((source, target, count) for (source, target), count in sorted(counts.items()))
