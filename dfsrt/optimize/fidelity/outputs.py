"""Outputs of two models that are compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dfsrt.base.errors import InputError
from dfsrt.optimize.source import check_has_values

if TYPE_CHECKING:
    import onnx


def outputs_of(original: onnx.ModelProto, smaller: onnx.ModelProto) -> list[str]:
    """Return the names of the outputs, which both models have.

    Raises:
        InputError: the smaller one lacks an output.
        NetworkError: weights without values.
    """
    for model, name in ((original, "original"), (smaller, "smaller")):
        check_has_values(model, name)
    names = [output.name for output in original.graph.output]
    others = [output.name for output in smaller.graph.output]
    missing = [name for name in names if name not in others]
    if missing:
        raise InputError(
            f"the smaller model has no output '{missing[0]}'; it has {', '.join(others)}: give one "
            "made from the original"
        )
    return names
