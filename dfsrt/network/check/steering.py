"""Inputs whose values steer what runs: branches, trips, and shapes that are computed from them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import onnx
from onnx import numpy_helper

from dfsrt.network.control.flow import SOME_TRIPS
from dfsrt.network.file.contents import dtype_name

MOST_ELEMENTS = 64
"""An input with more elements is data: nobody types its value."""
_CONTROL: Mapping[str, tuple[int, ...]] = {"If": (0,), "Loop": (0, 1)}
_SHAPES: Mapping[str, tuple[int, ...]] = {
    "ConstantOfShape": (0,),
    "Expand": (1,),
    "OneHot": (1,),
    "Pad": (1,),
    "Range": (0, 1, 2),
    "Reshape": (1,),
    "Resize": (2, 3),
    "Slice": (1, 2, 3, 4),
    "Tile": (1,),
    "TopK": (1,),
}
"""Operands whose values say what shape comes out."""
Readers = Mapping[str, Sequence[str]]
_SHAPE_ONLY = {"Shape", "Size"}
_COMPARES = {"Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual"}


@dataclass(frozen=True, slots=True)
class Steering:
    """A small input that steers ``nodes``, and ``values`` that the file compares it with."""

    input: str
    dtype: str
    nodes: tuple[str, ...]
    values: tuple[str, ...] = ()

    @property
    def example(self) -> str:
        """A value to type: one that the file asks for, else one of its type."""
        if self.values:
            return self.values[0]
        counts = any(node.startswith("Loop ") for node in self.nodes)
        return "true" if self.dtype == "bool" else str(SOME_TRIPS if counts else 1)


@dataclass(frozen=True, slots=True)
class Steered:
    """What small inputs steer, and the branches and loops that hang on data."""

    inputs: tuple[Steering, ...] = ()
    on_data: tuple[str, ...] = ()


def steered(graph: onnx.GraphProto) -> Steered:
    """Return which inputs steer the graph, and what in it is decided by data alone."""
    nodes = list(_nodes(graph))
    readers = _readers(nodes)
    constants = _constants(graph, nodes)
    inputs = [i for i in graph.input if i.name not in constants]
    small = [i for i in inputs if _is_small(i)]
    known = {i.name for i in small}
    on_data = _decided(nodes, _reached((i.name for i in inputs if i.name not in known), readers))
    candidates = (_steering(i, nodes, readers, constants) for i in small)
    return Steered(tuple(s for s in candidates if s.nodes), on_data)


def _steering(
    value: onnx.ValueInfoProto,
    nodes: Iterable[onnx.NodeProto],
    readers: Readers,
    constants: Mapping[str, onnx.TensorProto | None],
) -> Steering:
    reached = _reached([value.name], readers)
    dtype = dtype_name(value.type.tensor_type.elem_type)
    compared = {
        text: None
        for node in nodes
        if node.op_type in _COMPARES and not reached.isdisjoint(node.input)
        for text in map(_scalar, map(constants.get, node.input))
        if text and _fits(text, dtype)
    }
    both = {**_CONTROL, **_SHAPES}
    return Steering(value.name, dtype, _decided(nodes, reached, both), tuple(compared))


def _decided(
    nodes: Iterable[onnx.NodeProto],
    reached: Collection[str],
    operands: Mapping[str, tuple[int, ...]] = _CONTROL,
) -> tuple[str, ...]:
    """Nodes of which an operand that decides is among ``reached``."""
    return tuple(
        f"{node.op_type} '{node.name or next(iter(node.output), '')}'"
        for node in nodes
        if any(
            node.input[k] in reached for k in operands.get(node.op_type, ()) if k < len(node.input)
        )
    )


def _nodes(graph: onnx.GraphProto) -> Iterator[onnx.NodeProto]:
    """All nodes, those of branches and bodies too."""
    for node in graph.node:
        yield node
        for inner in _inner(node):
            yield from _nodes(inner)


def _inner(node: onnx.NodeProto) -> Iterator[onnx.GraphProto]:
    yield from (a.g for a in node.attribute if a.HasField("g"))


def _readers(nodes: Iterable[onnx.NodeProto]) -> Readers:
    """Return for each tensor those whose values hang on its own, through bodies and branches."""
    readers: dict[str, list[str]] = {}
    for node in nodes:
        inner = tuple(_inner(node))
        read = {*node.input, *(o.name for g in inner for o in g.output)} - {""}
        outputs = [*node.output, *(i.name for g in inner for i in g.input)]
        if node.op_type not in _SHAPE_ONLY:
            for name in read:
                readers.setdefault(name, []).extend(outputs)
    return readers


def _reached(start: Iterable[str], readers: Readers) -> set[str]:
    """Names whose values hang on those of ``start``."""
    waiting, reached = list(start), set[str]()
    while waiting:
        name = waiting.pop()
        if name and name not in reached:
            reached.add(name)
            waiting.extend(readers.get(name, ()))
    return reached


def _constants(
    graph: onnx.GraphProto, nodes: Iterable[onnx.NodeProto]
) -> dict[str, onnx.TensorProto | None]:
    values: dict[str, onnx.TensorProto | None] = {t.name: t for t in graph.initializer}
    for node in nodes:
        if node.op_type == "Constant" and node.output:
            values[node.output[0]] = next((a.t for a in node.attribute if a.name == "value"), None)
    return values


def _scalar(tensor: onnx.TensorProto | None) -> str:
    """Return the one number that a constant holds, as it is typed; nothing for any other."""
    if tensor is None or len(tensor.dims) > 1 or tensor.external_data:
        return ""
    try:
        values = numpy_helper.to_array(tensor).reshape(-1).tolist()
    except Exception:  # broken constants: what reads the network says so
        return ""
    if len(values) != 1 or not isinstance(values[0], int | float):
        return ""
    return f"{values[0]:g}" if isinstance(values[0], float) else str(int(values[0]))


def _fits(number: str, dtype: str) -> bool:
    """Whether an input of ``dtype`` can have the value: what is worked out of it may be any."""
    whole = number.removeprefix("-" if dtype.startswith("int") else "")
    return "float" in dtype or ("int" in dtype and whole.isdecimal())


def _is_small(value: onnx.ValueInfoProto) -> bool:
    kind = value.type.tensor_type
    if not value.type.HasField("tensor_type"):
        return False
    elements = 1
    for dim in kind.shape.dim:
        if not dim.HasField("dim_value") or dim.dim_value < 1:
            return False
        elements = min(elements * dim.dim_value, MOST_ELEMENTS + 1)
    return elements <= MOST_ELEMENTS and kind.HasField("shape")
