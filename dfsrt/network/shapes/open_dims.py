"""Open dimensions of a network's inputs, and the names by which their sizes are given."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import onnx

_NO_NAME = re.compile(r"[\W_]*|-?\d+|none|null|unk|unknown", re.IGNORECASE)
"""What exporters write for a size they do not know: two such dimensions are not one."""
_NUMBERED = re.compile(r"unk_+\d+", re.IGNORECASE)
"""Unknown sizes that an exporter has numbered: names, which tell nobody anything."""


def is_open(dim: onnx.TensorShapeProto.Dimension) -> bool:
    """Return whether a dimension has no size; some exporters write -1, and 0 is a size."""
    return not dim.HasField("dim_value") or dim.dim_value < 0


def dim_name(dim: onnx.TensorShapeProto.Dimension) -> str:
    """Return the name that stands for one size wherever it stands; nothing where there is none."""
    text = dim.dim_param
    return "" if isinstance(text, str) and _NO_NAME.fullmatch(text) else text


def asked_name(dim: onnx.TensorShapeProto.Dimension, place: str) -> str:
    """Return how to ask for an open dimension at ``place``, which is ``INPUT.AXIS``."""
    name = dim_name(dim)
    return name if name and not _NUMBERED.fullmatch(name) else place


def open_dims(
    value: onnx.ValueInfoProto,
) -> Iterator[tuple[int, str, onnx.TensorShapeProto.Dimension]]:
    """Yield axis, place and dimension of what is open in the shape of ``value``."""
    for axis, dim in enumerate(value.type.tensor_type.shape.dim):
        if is_open(dim):
            yield axis, f"{value.name}.{axis}", dim


def dim_names(types: Iterable[onnx.TypeProto]) -> set[str]:
    """Return the names of dimensions in ``types``."""
    return {dim_name(d) for t in types for d in t.tensor_type.shape.dim} - {""}
