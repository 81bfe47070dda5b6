"""A model's graph in stretches: which nodes depend on its inputs, and what crosses a place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import onnx


class Parts:
    """The nodes of a model that depend on its inputs, in order, and those that do not.

    A place is the number of such nodes before it. Constants of ``model`` may be replaced in place.
    """

    def __init__(self, model: onnx.ModelProto) -> None:
        self.model = model
        self.stored = {t.name: t for t in model.graph.initializer}
        self.nodes: list[onnx.NodeProto] = []
        self.fixed: list[onnx.NodeProto] = []
        moving = {i.name for i in model.graph.input} - self.stored.keys()
        for node in model.graph.node:
            if moving.isdisjoint(reads(node)):
                self.fixed.append(node)
            else:
                self.nodes.append(node)
                moving.update(name for name in node.output if name)
        self.places = {name: i for i, node in enumerate(self.nodes) for name in node.output if name}
        self._last_read = {name: i for i, node in enumerate(self.nodes) for name in reads(node)}

    def read_from(self, place: int) -> set[str]:
        """Return the tensors that nodes from ``place`` on read."""
        return {name for name, last in self._last_read.items() if last >= place}

    def made_between(self, start: int, end: int, wanted: str) -> set[str]:
        """Return what nodes from ``start`` to ``end`` make that is read later, or is ``wanted``."""
        later = self.read_from(end) | {wanted}
        return {name for node in self.nodes[start:end] for name in node.output if name} & later

    def stretch(
        self, start: int, end: int, types: Mapping[str, np.dtype[np.generic]], made: list[str]
    ) -> onnx.ModelProto:
        """Return nodes from ``start`` to ``end`` as a model that makes ``made`` of typed inputs."""
        import onnx
        from onnx import helper

        moving = self.nodes[start:end]
        fixed = list(self._fixed_before(moving))
        read = {name for node in (*fixed, *moving) for name in reads(node)}
        inputs = [
            helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(types[name]), None)
            for name in sorted(read & types.keys())
        ]
        outputs = [onnx.ValueInfoProto(name=name) for name in made]
        constants = [self.stored[name] for name in sorted(read & self.stored.keys())]
        graph = helper.make_graph([*fixed, *moving], "stretch", inputs, outputs, constants)
        return helper.make_model(
            graph,
            opset_imports=self.model.opset_import,
            functions=self.model.functions,
            ir_version=self.model.ir_version,
        )

    def _fixed_before(self, nodes: list[onnx.NodeProto]) -> Iterator[onnx.NodeProto]:
        """The nodes that follow from constants alone and that ``nodes`` need, in order."""
        needed = {name for node in nodes for name in reads(node)}
        chosen: list[onnx.NodeProto] = []
        for node in reversed(self.fixed):
            if not needed.isdisjoint(node.output):
                needed |= reads(node)
                chosen.append(node)
        yield from reversed(chosen)


def reads(node: onnx.NodeProto) -> set[str]:
    """Return the tensors that a node reads, those that its subgraphs take from outside included."""
    names = {name for name in node.input if name}
    for attribute in node.attribute:
        for graph in (*([attribute.g] if attribute.HasField("g") else []), *attribute.graphs):
            own = {i.name for i in (*graph.input, *graph.initializer)}
            own.update(name for inner in graph.node for name in inner.output)
            inside = {name for inner in graph.node for name in reads(inner)}
            names |= (inside | {o.name for o in graph.output}) - own
    return names
