"""The axes of a whole model: each node's rule in order, then what inputs and outputs keep."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import onnx

from dfsrt.base.arrays import Ints
from dfsrt.network.graph import Node, build_graph
from dfsrt.network.infer import shaped_graph, without_functions
from dfsrt.network.reading import Reading
from dfsrt.optimize.channels.labels import Axes
from dfsrt.optimize.channels.rules import rule_of
from dfsrt.optimize.channels.walk import Unclear, Walk, title
from dfsrt.optimize.dense import with_dense


@dataclass(frozen=True)
class Labelled:
    """A model whose axes have labels; its ``nodes`` are those that an output needs, in order."""

    model: onnx.ModelProto
    nodes: list[Node]
    walk: Walk

    @cached_property
    def roots(self) -> Ints:
        """Of each label ``(n_labels,)`` the one it goes with, 0 for what stays."""
        return self.walk.labels.roots()


def labelled(model: onnx.ModelProto, reading: Reading) -> Labelled:
    """Return a copy of ``model`` with labels on all axes, whose shapes are read as is said.

    Functions are written out where they are called.

    Raises:
        NetworkError: shapes that do not follow, or are not set.
    """
    copy = onnx.ModelProto()
    copy.CopyFrom(with_dense(without_functions(model)))
    graph = build_graph(copy.graph)
    walk = _start(copy, reading)
    for node in graph.nodes:
        outputs = _visit(walk, node)
        for name, axes in zip(node.outputs, outputs, strict=False):
            if name:
                walk.axes[name] = _checked(walk, name, axes)
    for name in graph.outputs:
        walk.pin(walk.read(name), f"they leave as output '{name}'")
    return Labelled(copy, graph.nodes, walk)


def _start(model: onnx.ModelProto, reading: Reading) -> Walk:
    shaped = shaped_graph(model, replace(reading, unknown_ops="memory"))
    stored = {t.name for t in model.graph.initializer}
    stored |= {n.output[0] for n in model.graph.node if n.op_type == "Constant" and n.output}
    opset = next((o.version for o in model.opset_import if o.domain in ("", "ai.onnx")), 1)
    return Walk(
        shaped.tensors, shaped.constants, frozenset(shaped.inputs), frozenset(stored), opset
    )


def _visit(walk: Walk, node: Node) -> list[Axes]:
    """Label what a node makes; the channels of what is not understood stay."""
    names = [name for name in (*node.reads, *node.outputs[:1]) if name]
    if _tells_sizes(walk, node):
        return [[None] * len(walk.shape(name)) for name in node.outputs]
    rule, why = rule_of(node), "is not understood"
    if not all(map(walk.has_shape, names)):
        rule, why = None, "has no shape before a run"
    if rule is not None:
        try:
            return rule(walk, node)
        except Unclear as reason:
            why = str(reason)
    for name in sorted(node.reads):
        walk.pin(walk.read(name), f"{title(node)} {why}")
    return [[None] * len(walk.shape(name)) if walk.has_shape(name) else [] for name in node.outputs]


def _tells_sizes(walk: Walk, node: Node) -> bool:
    """Whether a node's result is known and follows from sizes of tensors; notes of which then."""
    if not all(n in walk.constants and walk.constants[n].value is not None for n in node.outputs):
        return False
    if node.op in ("Shape", "Size") and not node.domain:
        source = walk.read(node.inputs[0])
    elif any(name in walk.sizes for name in node.inputs):
        source = [axis for name in node.inputs for axis in walk.sizes.get(name, ())]
    else:
        return False
    for name in node.outputs:
        walk.sizes[name] = source
    return True


def _checked(walk: Walk, name: str, axes: Axes) -> Axes:
    """The axes of a result; one that its shape contradicts stays, as one of one place does."""
    shape = walk.shape(name) if walk.has_shape(name) else ()
    if [n for n, axis in zip(shape, axes, strict=False) if axis is not None and n != axis.size]:
        walk.pin(axes, f"tensor '{name}' has another shape than its node makes")
        return [None] * len(shape)
    return [None if axis is not None and axis.size < 2 else axis for axis in axes]
