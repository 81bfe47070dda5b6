"""The smaller model: cut, with what is stated of it corrected, and without what nothing reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dfsrt.base.arrays import Mask
from dfsrt.optimize.channels.axes import Labelled
from dfsrt.optimize.channels.cut import Cut
from dfsrt.optimize.channels.labels import Axes

if TYPE_CHECKING:
    import onnx


def smaller(model: Labelled, kept: Mask) -> onnx.ModelProto:
    """Return a labelled model's proto, changed in place, without labels not ``kept``.

    ``kept`` has shape ``(n_labels,)``. Nodes that no output needs go, and constants that no node
    reads.
    """
    graph = model.model.graph
    work = Cut(model.model, kept, _names(graph))
    axes = model.walk.axes
    for tensor in graph.initializer:
        work.shrink(tensor, axes.get(tensor.name, []))
    for node in graph.node:
        for attribute in node.attribute if node.op_type == "Constant" else ():
            if attribute.name == "value":
                work.shrink(attribute.t, axes.get(node.output[0], []))
    for fix in model.walk.fixes:
        fix(work)
    for info in (*graph.value_info, *graph.input):
        _resize(work, info, axes.get(info.name, []))
    _drop_unread(model)
    return model.model


def _resize(work: Cut, info: onnx.ValueInfoProto, axes: Axes) -> None:
    if not info.type.HasField("tensor_type"):
        return
    for dim, axis in zip(info.type.tensor_type.shape.dim, axes, strict=False):
        if axis is not None:
            dim.dim_value = work.size(axis, 0)


def _names(graph: onnx.GraphProto) -> set[str]:
    made = {name for node in graph.node for name in node.output}
    return made | {t.name for t in (*graph.initializer, *graph.input)}


def _drop_unread(model: Labelled) -> None:
    graph = model.model.graph
    needed = {o.name for o in graph.output}
    for node in reversed(model.nodes):
        if not needed.isdisjoint(node.outputs):
            needed |= node.captures.union(node.proto.input)
    known = needed & set(model.walk.axes)
    for node in [n for n in graph.node if needed.isdisjoint(n.output)]:
        graph.node.remove(node)
    for tensor in [t for t in graph.initializer if t.name not in needed]:
        graph.initializer.remove(tensor)
    for info in [i for i in graph.value_info if i.name not in known]:
        graph.value_info.remove(info)
