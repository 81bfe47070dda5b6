"""What a file stores: constants by the type of their elements, and those kept beside the file."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import onnx

from dfsrt.base.units import parse_whole
from dfsrt.network.file.constants import type_name
from dfsrt.network.file.plain import plain_text
from dfsrt.network.file.reader import leaves_folder
from dfsrt.network.tensor import BITS

_OTHER_BITS = {"complex64": 64, "complex128": 128}


@dataclass(frozen=True, slots=True)
class StoredType:
    """Constants of one element type in a file: how many, and the bytes they take."""

    dtype: str
    tensors: int
    bytes: int


@dataclass(frozen=True, slots=True)
class OutsideFile:
    """A file beside the model's that holds constants.

    ``bytes`` is what the model needs of it, ``size`` how large it is, None where it is not there.
    """

    location: str
    tensors: int
    bytes: int
    size: int | None

    @property
    def state(self) -> str:
        """``present``, ``missing``, or ``too short`` for what the model needs of it."""
        if self.size is None:
            return "missing"
        return "present" if self.size >= self.bytes else "too short"


def stored_types(model: onnx.ModelProto) -> tuple[StoredType, ...]:
    """Return the constants of a model by element type, those with most bytes first."""
    sums: dict[str, tuple[int, int]] = {}
    for tensor in tensors_of(model):
        dtype = dtype_name(tensor.data_type)
        count, size = sums.get(dtype, (0, 0))
        sums[dtype] = count + 1, size + _bytes(tensor, dtype)
    rows = (StoredType(dtype, *both) for dtype, both in sums.items())
    return tuple(sorted(rows, key=lambda row: (-row.bytes, row.dtype)))


def outside_files(model: onnx.ModelProto, folder: Path) -> tuple[OutsideFile, ...]:
    """Return the files beside the model's, which lies in ``folder``; none is opened."""
    needs: dict[str, tuple[int, int]] = {}
    for tensor in tensors_of(model):
        entries = {plain_text(e.key): plain_text(e.value) for e in tensor.external_data}
        if "location" in entries:
            place = entries["location"]
            count, end = needs.get(place, (0, 0))
            needs[place] = count + 1, max(end, _end(tensor, entries))
    return tuple(OutsideFile(name, *both, _size(folder, name)) for name, both in needs.items())


def tensors_of(model: onnx.ModelProto) -> Iterator[onnx.TensorProto]:
    """Yield every tensor that a model holds, those of its branches and functions too."""
    yield from _of_graph(model.graph)
    for function in model.functions:
        yield from _of_nodes(function.node)


def inline_bytes(model: onnx.ModelProto) -> int:
    """Return the bytes that constants take in the model's own file, if all their data are there."""
    inside = (t for t in tensors_of(model) if t.data_location != onnx.TensorProto.EXTERNAL)
    return sum(_bytes(tensor, dtype_name(tensor.data_type)) for tensor in inside)


def dtype_name(element: int) -> str:
    """Return the plain name of an ONNX element type; of one that does not exist its number."""
    return type_name(element, "type")


def _of_graph(graph: onnx.GraphProto) -> Iterator[onnx.TensorProto]:
    yield from graph.initializer
    yield from (sparse.values for sparse in graph.sparse_initializer)
    yield from _of_nodes(graph.node)


def _of_nodes(nodes: Iterable[onnx.NodeProto]) -> Iterator[onnx.TensorProto]:
    for attribute in (a for node in nodes for a in node.attribute):
        if attribute.HasField("t"):
            yield attribute.t
        if attribute.HasField("sparse_tensor"):
            yield attribute.sparse_tensor.values
        if attribute.HasField("g"):
            yield from _of_graph(attribute.g)


def _bytes(tensor: onnx.TensorProto, dtype: str) -> int:
    """Bytes that a tensor takes; of texts those in the file."""
    if dtype == "string":
        return sum(map(len, tensor.string_data))
    elements = math.prod(max(int(size), 0) for size in tensor.dims)
    return -(-elements * (BITS.get(dtype) or _OTHER_BITS.get(dtype, 0)) // 8)


def _end(tensor: onnx.TensorProto, told: Mapping[str, str]) -> int:
    """Where a tensor's data end in its file; what is no number there counts as not said."""
    length = _number(told.get("length"))
    if length is None:
        length = _bytes(tensor, dtype_name(tensor.data_type))
    return (_number(told.get("offset")) or 0) + length


def _number(text: str | None) -> int | None:
    return None if text is None else parse_whole(text)


def _size(folder: Path, location: str) -> int | None:
    if leaves_folder(location):
        return None
    try:
        path = folder / location
        return path.stat().st_size if path.is_file() else None
    except (OSError, ValueError):
        return None
