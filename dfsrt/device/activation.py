"""What stands at the end of a layer: the activation that its results pass on their way out."""

from __future__ import annotations

from collections.abc import Collection

from dfsrt.network.layer import Layer
from dfsrt.network.rules.lane_ops import ELEMENTWISE, FUNCTION

ACTIVATIONS = ("none", "relu", "clip", "silu", "sigmoid", "gelu")
"""The classes that devices tell apart."""

_GELU = {"Erf", "Gelu", "BiasGelu", "FastGelu", "QuickGelu"}
_CLIP = {"Clip", "HardSigmoid"}
_RELU = {"Relu", "LeakyRelu", "PRelu", "ThresholdedRelu"}
_NO_FUNCTION = {"Div", "Mod", "Pow"}


def activation(joined: Collection[str]) -> str:
    """Return the class of the operators that joined a layer, one of ``ACTIVATIONS``.

    Limits: of several activations the slowest kind counts; functions without a class of their own
    (tanh, exp, hard swish) count as ``silu``, a look-up in a table as it is.
    """
    ops = set(joined)
    if ops & _GELU or {"Tanh", "Mul"} <= ops:
        return "gelu"
    if "Swish" in ops or {"Sigmoid", "Mul"} <= ops:
        return "silu"
    if "Sigmoid" in ops:
        return "sigmoid"
    if any(ELEMENTWISE.get(op, 0) >= FUNCTION for op in ops - _NO_FUNCTION):
        return "silu"
    if ops & _CLIP:
        return "clip"
    return "relu" if ops & _RELU else "none"


def operator_name(layer: Layer) -> str:
    """Return a layer's operator with its activation, as ``Conv+silu``; alone where it has none."""
    kind = activation(layer.joined)
    return layer.op if kind == "none" else f"{layer.op}+{kind}"
