"""Shape inference: node by node in execution order, folding away what is constant."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import onnx

from dfsrt.base.errors import NetworkError
from dfsrt.network.file.constants import (
    VALUE_LIMIT,
    Constant,
    constant_of_array,
)
from dfsrt.network.file_nodes import file_nodes
from dfsrt.network.graph import Node
from dfsrt.network.host import no_rule
from dfsrt.network.left_out import text_notes
from dfsrt.network.reading import UnsaidError
from dfsrt.network.rules import contrib
from dfsrt.network.rules.registry import rule_of
from dfsrt.network.shapes.evaluate import evaluate
from dfsrt.network.shapes.known import UnshapedError, unknown_shape
from dfsrt.network.shapes.node_types import NodeTypes
from dfsrt.network.shapes.run_time import open_axes
from dfsrt.network.shapes.sequence_ops import rewrite
from dfsrt.network.shapes.sequences import Sequences
from dfsrt.network.shapes.shaped import Shaped, live_nodes

RANDOM = {
    "Bernoulli",
    "Multinomial",
    "RandomNormal",
    "RandomNormalLike",
    "RandomUniform",
    "RandomUniformLike",
}
"""Operators whose result is never constant, whatever they read."""

_OF_SHAPE_ONLY = {"Shape", "Size", "EyeLike"}


@dataclass(slots=True)
class Walk(NodeTypes):
    """What is known while nodes are visited: types, constants, and the nodes that run so far.

    ``kept`` are tensors that are needed though no later node reads them: the next pass of a loop
    does. ``unknown`` are those whose shape nobody knows. ``hosted`` names nodes that work on
    what no NPU computes with.
    """

    running: list[Node] = field(default_factory=list)
    folded: dict[str, Node] = field(default_factory=dict)
    kept: set[str] = field(default_factory=set)
    unknown: set[str] = field(default_factory=set)
    used: set[str] = field(init=False)
    names: set[str] = field(init=False)
    sequences: Sequences = field(init=False)
    hosted: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        NodeTypes.__post_init__(self)
        nodes = self.graph.nodes
        self.used = set(self.graph.outputs).union(*(node.reads for node in nodes))
        self.names = self.used.union(self.constants, *(node.outputs for node in nodes))
        self.sequences = Sequences(self.constants, self.shape_of, self.opsets[""])

    def result(self, inputs: tuple[str, ...]) -> Shaped:
        """Keep the nodes whose values reach an output."""
        outputs = self.sequences.flat(self.graph.outputs)
        kept = live_nodes(self.running, {*outputs, *self.kept})
        self.run_time.check_used(self.graph.nodes)
        named = file_nodes(self.graph.nodes, kept, inputs)
        return Shaped(
            kept,
            self.tensors,
            self.constants,
            self.folded,
            inputs,
            outputs,
            named,
            notes=[
                *self.run_time.notes(node.name for node in kept),
                *text_notes(self.tensors.values()),
                *(self.remarks[node.name] for node in kept if node.name in self.remarks),
            ],
            hosted=frozenset(self.hosted),
            kept=frozenset(self.kept),
        )

    def visit(self, node: Node) -> None:
        """Fold ``node`` or keep it, and learn its outputs' shapes.

        Raises:
            NetworkError: operands do not fit, a shape depends on run-time values, or an operator
                has no rule.
        """
        written = rewrite(node, self.sequences)
        if written is None:
            written = self._written_out(node)
        if written is not None:
            self.used.update(*self.sequences.lists.values(), *(inner.reads for inner in written))
            for inner in written:
                self.visit(inner)
            return
        static = self._is_static(node)
        if static and self._fold(node):
            return
        if self.strict and not static and rule_of(node) is None:
            raise UnsaidError(no_rule(node))
        for name, proto in self.types_made(node).items():
            if name:
                self.declare(name, proto)
        self._check_known(node)
        if static:
            self._keep_constant(node)
        else:
            self.running.append(node)
            if not self.strict and self.of_host(node):
                self.hosted.add(node.name)

    def _written_out(self, node: Node) -> list[Node] | None:
        """Return standard nodes in place of one of onnxruntime's that stands for them."""
        if node.domain not in contrib.CONTRIB_DOMAINS:
            return None
        refused = contrib.what_holds_no_layers(node)
        if refused:
            raise NetworkError(refused)
        facts = contrib.Facts(
            lambda name: self.operand(name, node),
            self.constants,
            lambda name: self.types.pop(name, None),
        )
        return contrib.written_out(node, self.names, facts)

    def _is_static(self, node: Node) -> bool:
        if node.domain:
            return all(name in self.constants for name in node.inputs if name)
        if node.op in _OF_SHAPE_ONLY:
            return True
        return node.op not in RANDOM and all(n in self.constants for n in node.inputs if n)

    def _fold(self, node: Node) -> bool:
        """Compute the node's value if it is small and its operands' values are known."""
        if node.op in ("Shape", "Size") and not node.domain:
            self._define(node, (self._of_shape(node),))
            return True
        if node.version:
            return False  # it stands for an operator on scaled numbers: its values are others
        if any(name and name not in self.constants for name in node.inputs):
            return False  # EyeLike: constant, though its operand is not
        operands = [self.constants[name].value if name else None for name in node.inputs]
        if any(o is None and name for o, name in zip(operands, node.inputs, strict=True)):
            return False
        results = evaluate(node, operands, self.opsets, sized=False)
        if results is None and self.is_small(node):
            results = evaluate(node, operands, self.opsets, sized=True)
        if results is None:
            return False
        self._define(node, results)
        return True

    def _of_shape(self, node: Node) -> Constant:
        shape = self.shape_of(node.inputs[0])
        if node.op == "Size":
            return constant_of_array(np.array(math.prod(shape), np.int64))
        start, end = node.attribute("start", 0), node.attribute("end", len(shape))
        return constant_of_array(np.array(shape[start:end], np.int64))

    def _define(self, node: Node, values: tuple[Constant, ...]) -> None:
        for name, constant in zip((n for n in node.outputs if n), values, strict=True):
            self.constants[name] = constant
            self.folded[name] = node

    def _keep_constant(self, node: Node) -> None:
        for name in node.outputs:
            if name in self.tensors:
                element = self.types[name].tensor_type.elem_type
                self.constants[name] = Constant(self.tensors[name].shape, element)
                self.folded[name] = node

    def _check_known(self, node: Node) -> None:
        """Fall back on what the file declares for a used output; without that, fail."""
        for name in node.outputs:
            if name in self.used and name not in self.tensors:
                declared = self.graph.declared.get(name, self.partial.get(name))
                declared = self.run_time.sized(name, declared or onnx.TypeProto())
                self.declare(name, declared)
                if name not in self.tensors:
                    sizes = open_axes(name, declared)
                    raise UnshapedError(self._no_value(node) or unknown_shape(name, node, sizes))

    def _no_value(self, node: Node) -> str | None:
        """Say which small constant the node's shape may hang on, if its value is unknown."""
        for name in node.inputs:
            constant = self.constants.get(name)
            if (
                constant is not None
                and constant.value is None
                and math.prod(constant.shape) <= VALUE_LIMIT
            ):
                return _no_value(name, constant, node)
        return None


def _no_value(name: str, constant: Constant, node: Node) -> str:
    needs = f"node '{node.name}' ({node.op}) needs the value of constant '{name}', whose data"
    if constant.outside:
        return f"{needs} lie in '{constant.outside}': put that file beside the model"
    return f"{needs} the file does not hold; export the network with that constant's data"
