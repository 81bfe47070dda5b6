"""Shape inference: node by node in execution order, folding away what is constant."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import onnx
from onnx import numpy_helper, shape_inference

from dfsrt.base.errors import NetworkError
from dfsrt.network.file.constants import (
    VALUE_LIMIT,
    Array,
    Constant,
    constant_of_array,
    type_name,
)
from dfsrt.network.file_nodes import FileNodes, file_nodes
from dfsrt.network.graph import Graph, Node
from dfsrt.network.host import no_host_type, no_rule
from dfsrt.network.left_out import text_notes
from dfsrt.network.reading import UnsaidError
from dfsrt.network.recurrent import is_recurrent, recurrent_types
from dfsrt.network.rules import contrib
from dfsrt.network.rules.lane_ops import ELEMENTWISE
from dfsrt.network.rules.matrix import MATRIX_RULES
from dfsrt.network.rules.registry import rule_of
from dfsrt.network.shapes.agreement import check_agreement
from dfsrt.network.shapes.evaluate import evaluate
from dfsrt.network.shapes.limits import check_tensor
from dfsrt.network.shapes.own import has_own_shape, own_shape
from dfsrt.network.shapes.ranks import check_rank
from dfsrt.network.shapes.run_time import RunTimeSizes, is_open, open_axes
from dfsrt.network.shapes.schemas import SAME_AS_FIRST, first_version, inference_schema
from dfsrt.network.shapes.sequence_ops import rewrite
from dfsrt.network.shapes.sequences import Sequences
from dfsrt.network.shapes.windows import check_windows
from dfsrt.network.tensor import BITS, HOST_TYPES, Tensor

RANDOM = {
    "Bernoulli",
    "Multinomial",
    "RandomNormal",
    "RandomNormalLike",
    "RandomUniform",
    "RandomUniformLike",
}
"""Operators whose result is never constant, whatever they read."""


class UnshapedError(NetworkError):
    """A tensor of which nobody knows the shape, or of a type that no NPU computes with."""


_INFERENCE_ERRORS = (
    onnx.checker.ValidationError,
    shape_inference.InferenceError,
    RuntimeError,
    ValueError,
)
_OF_SHAPE_ONLY = {"Shape", "Size", "EyeLike"}

_NEEDS_NO_VALUES = (
    ELEMENTWISE.keys()
    | MATRIX_RULES.keys()
    | {"BatchNormalization", "InstanceNormalization", "LayerNormalization"}
)


@dataclass(slots=True)
class Shaped:
    """The nodes that run, in order, with the shape of every tensor they touch.

    ``folded`` maps each tensor that a constant node makes to that node. ``named`` is what
    the file calls its nodes. ``dropped`` are nodes that run, too, but of no known shape;
    ``hosted`` names those that work on what no NPU computes with. ``notes`` are what reports say of
    how the graph was read.
    """

    nodes: list[Node]
    tensors: dict[str, Tensor]
    constants: dict[str, Constant]
    folded: dict[str, Node]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    named: FileNodes = field(default_factory=FileNodes)
    notes: list[str] = field(default_factory=list)
    kept: frozenset[str] = frozenset()
    dropped: list[Node] = field(default_factory=list)
    hosted: frozenset[str] = frozenset()

    def has_rule(self, node: Node) -> bool:
        """Return whether a node's own work is counted: it has a rule, and an NPU could run it."""
        return rule_of(node) is not None and node.name not in self.hosted

    @property
    def leaving(self) -> frozenset[str]:
        """What is written whoever reads it: outputs, and what a loop's next pass needs."""
        return self.kept.union(self.outputs)


@dataclass(slots=True)
class Walk:
    """What is known while nodes are visited: types, constants, and the nodes that run so far.

    ``kept`` are tensors that are needed though no later node reads them: the next pass of a loop
    does. ``unknown`` are those whose shape nobody knows. ``hosted`` names nodes that work on
    what no NPU computes with.
    """

    graph: Graph
    opsets: Mapping[str, int]
    strict: bool
    constants: dict[str, Constant] = field(init=False)
    types: dict[str, onnx.TypeProto] = field(default_factory=dict)
    tensors: dict[str, Tensor] = field(default_factory=dict)
    running: list[Node] = field(default_factory=list)
    folded: dict[str, Node] = field(default_factory=dict)
    schemas: dict[tuple[str, str, int], onnx.defs.OpSchema | None] = field(default_factory=dict)
    imports: list[onnx.OperatorSetIdProto] = field(init=False)
    kept: set[str] = field(default_factory=set)
    unknown: set[str] = field(default_factory=set)
    used: set[str] = field(init=False)
    names: set[str] = field(init=False)
    sequences: Sequences = field(init=False)
    run_time: RunTimeSizes = field(init=False)
    partial: dict[str, onnx.TypeProto] = field(default_factory=dict)
    hosted: set[str] = field(default_factory=set)
    remarks: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.constants = self.graph.constants
        self.imports = [onnx.helper.make_opsetid(d, v) for d, v in self.opsets.items()]
        nodes = self.graph.nodes
        self.used = set(self.graph.outputs).union(*(node.reads for node in nodes))
        self.names = self.used.union(self.constants, *(node.outputs for node in nodes))
        self.sequences = Sequences(self.constants, self.shape_of, self.opsets[""])
        self.run_time = RunTimeSizes(self.graph.dims)

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
        for name, proto in self._infer(node).items():
            if name:
                self.declare(name, proto)
        self._check_known(node)
        if static:
            self._keep_constant(node)
        else:
            self.running.append(node)
            if not self.strict and self.of_host(node):
                self.hosted.add(node.name)

    def declare(self, name: str, proto: onnx.TypeProto) -> None:
        """Note the type of ``name`` if it is known in full.

        Raises:
            NetworkError: an NPU does not compute with it, or it is larger than can be counted.
        """
        tensor = _tensor(name, proto)
        if tensor is not None:
            if self.strict and tensor.dtype in HOST_TYPES:
                raise UnshapedError(no_host_type(name, tensor.dtype))
            check_tensor(tensor)
            self.types[name] = proto
            self.tensors[name] = tensor
        elif proto.tensor_type.HasField("shape"):
            self.partial.setdefault(name, proto)

    def of_host(self, node: Node) -> bool:
        """Return whether a node reads or makes what no NPU computes with, text above all."""
        known = (self.tensors.get(name) for name in (*node.inputs, *node.outputs))
        constants = (self.constants.get(name) for name in node.inputs)
        return any(t is not None and t.dtype in HOST_TYPES for t in known) or any(
            c is not None and type_name(c.element) in HOST_TYPES for c in constants
        )

    def _written_out(self, node: Node) -> list[Node] | None:
        """Return standard nodes in place of one of onnxruntime's that stands for them."""
        if node.domain not in contrib.CONTRIB_DOMAINS:
            return None
        refused = contrib.what_holds_no_layers(node)
        if refused:
            raise NetworkError(refused)
        facts = contrib.Facts(
            lambda name: self._operand(name, node),
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
        if results is None and self._is_small(node):
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

    def shape_of(self, name: str) -> tuple[int, ...]:
        """Return the shape of a constant or of a tensor.

        Raises:
            NetworkError: nobody knows it.
        """
        constant = self.constants.get(name)
        if constant is None and name not in self.tensors:
            raise UnshapedError(f"tensor '{name}' has no shape that is known; declare it")
        return self.tensors[name].shape if constant is None else constant.shape

    def element_of(self, name: str) -> int:
        """Return the ONNX element type of a constant or of a tensor.

        Raises:
            NetworkError: nobody knows it.
        """
        constant = self.constants.get(name)
        if constant is None and name not in self.tensors:
            raise UnshapedError(f"tensor '{name}' has no type that is known; declare it")
        element = self.types[name].tensor_type.elem_type if constant is None else constant.element
        return int(element)

    def _is_small(self, node: Node) -> bool:
        if node.domain:
            return False
        tensors = [_tensor(name, proto) for name, proto in self._infer(node).items()]
        return bool(tensors) and all(t and t.elements <= VALUE_LIMIT for t in tensors)

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

    def _infer(self, node: Node) -> dict[str, onnx.TypeProto]:
        schema = self._schema(node)
        if is_recurrent(node):
            return _protos(node, recurrent_types(node, self._operands(node)))
        if node.op in SAME_AS_FIRST and not node.domain and node.inputs:
            return {node.outputs[0]: self._type(node.inputs[0], node)}
        found = self._infer_contrib(node) if schema is None else self._infer_known(node, schema)
        self._complete(node, found)
        return found

    def _infer_known(self, node: Node, schema: onnx.defs.OpSchema) -> dict[str, onnx.TypeProto]:
        check_rank(node, lambda name: self._operand(name, node)[1])
        types = {name: self._type(name, node) for name in node.inputs if name}
        last = node.domain == contrib.CHANNELS_LAST
        if last:
            types[node.inputs[0]] = contrib.channels_first(types[node.inputs[0]])
        if node.element:
            types = {name: contrib.without_scale(proto) for name, proto in types.items()}
        self._check_agreement(node, types)
        data = {name: numpy_helper.from_array(v) for name, v in self._values(node)}
        try:
            found = shape_inference.infer_node_outputs(
                schema, node.proto, types, data, opset_imports=self._imports_of(node)
            )
        except _INFERENCE_ERRORS as error:
            kind = UnshapedError if self.of_host(node) else NetworkError
            raise kind(_does_not_fit(node, error)) from error
        if note := check_windows(node, types, found):
            self.remarks[node.name] = note
        if last:
            found = {name: contrib.channels_last(proto) for name, proto in found.items()}
        if node.element:
            found[node.outputs[0]].tensor_type.elem_type = node.element
        return dict(found)

    def _check_agreement(self, node: Node, types: Mapping[str, onnx.TypeProto]) -> None:
        """Check operands against each other, which shape inference does in part."""
        shapes = [_sizes(types[name]) if name else None for name in node.inputs]
        held = {i: self.constants[n] for i, n in enumerate(node.inputs) if n in self.constants}
        values = {i: c.value for i, c in held.items() if c.value is not None}
        check_agreement(node, shapes, held.keys(), values)

    def _complete(self, node: Node, found: dict[str, onnx.TypeProto]) -> None:
        """Set sizes that the library leaves open or takes wrongly, in place."""
        if not has_own_shape(node) and not any(map(is_open, found.values())):
            return
        shapes = [self._operand(name, node)[1] if name else None for name in node.inputs]
        values = [getattr(self.constants.get(name), "value", None) for name in node.inputs]
        own = own_shape(node, shapes, values)
        if own is not None:
            element = self._type(node.inputs[0], node).tensor_type.elem_type
            found[node.outputs[0]] = onnx.helper.make_tensor_type_proto(element, own)
        self.run_time.fill(node, shapes, values, found, self.graph.declared)

    def _imports_of(self, node: Node) -> list[onnx.OperatorSetIdProto]:
        return [onnx.helper.make_opsetid("", node.version)] if node.version else self.imports

    def _values(self, node: Node) -> list[tuple[str, Array]]:
        """Operand values that shape inference may ask for."""
        known: list[tuple[str, Array]] = []
        if node.op in _NEEDS_NO_VALUES:
            return known
        for name in node.inputs:
            constant = self.constants.get(name)
            if constant is not None and constant.value is not None:
                known.append((name, constant.value))
        return known

    def _schema(self, node: Node) -> onnx.defs.OpSchema | None:
        key = node.domain, node.op, node.version
        if key not in self.schemas:
            domain = "" if node.domain == contrib.CHANNELS_LAST else node.domain
            version = node.version or self.opsets.get(domain, 1)
            version = max(version, contrib.TAKEN_OVER.get(node.op, 0))
            try:
                self.schemas[key] = inference_schema(node.op, version, domain)
            except onnx.defs.SchemaError as error:
                raise NetworkError(
                    f"node '{node.name}': operator '{node.op}' does not exist in operator set "
                    f"{version}, which the file declares; export it with operator set "
                    f"{first_version(node.op, domain)} or later"
                ) from error
        return self.schemas[key]

    def _infer_contrib(self, node: Node) -> dict[str, onnx.TypeProto]:
        site = contrib.Site(node, self._operands(node), self._value_of, self._declared)
        return _protos(node, contrib.contrib_shapes(site))

    def _operands(self, node: Node) -> list[contrib.Typed | None]:
        return [self._operand(name, node) if name else None for name in node.inputs]

    def _value_of(self, name: str) -> Array | None:
        constant = self.constants.get(name)
        return None if constant is None else constant.value

    def _declared(self, name: str) -> contrib.Typed | None:
        proto = self.graph.declared.get(name, onnx.TypeProto())
        if _tensor(name, proto) is None:
            return None
        return proto.tensor_type.elem_type, tuple(d.dim_value for d in proto.tensor_type.shape.dim)

    def _operand(self, name: str, node: Node) -> tuple[int, tuple[int, ...]]:
        proto = self._type(name, node).tensor_type
        return proto.elem_type, tuple(d.dim_value for d in proto.shape.dim)

    def _type(self, name: str, node: Node) -> onnx.TypeProto:
        proto = self.types.get(name)
        if proto is None:
            constant = self.constants.get(name)
            if constant is None:
                raise UnshapedError(_unknown_shape(name, node))
            proto = onnx.helper.make_tensor_type_proto(constant.element, constant.shape)
            self.types[name] = proto
        return proto

    def _check_known(self, node: Node) -> None:
        """Fall back on what the file declares for a used output; without that, fail."""
        for name in node.outputs:
            if name in self.used and name not in self.tensors:
                declared = self.graph.declared.get(name, self.partial.get(name))
                declared = self.run_time.sized(name, declared or onnx.TypeProto())
                self.declare(name, declared)
                if name not in self.tensors:
                    sizes = open_axes(name, declared)
                    raise UnshapedError(self._no_value(node) or _unknown_shape(name, node, sizes))

    def _no_value(self, node: Node) -> str | None:
        """Say which small constant the node's shape may hang on, if its value is unknown."""
        for name in node.inputs:
            found = self.constants.get(name)
            if found is not None and found.value is None and math.prod(found.shape) <= VALUE_LIMIT:
                return _no_value(name, found, node)
        return None


def live_nodes(nodes: Sequence[Node], outputs: set[str]) -> list[Node]:
    """Return those of ``nodes``, in order, whose values reach one of ``outputs``."""
    needed, kept = set(outputs), []
    for node in reversed(nodes):
        if not needed.isdisjoint(node.outputs):
            kept.append(node)
            needed.update(node.inputs)
    return kept[::-1]


def _protos(node: Node, types: Sequence[contrib.Typed]) -> dict[str, onnx.TypeProto]:
    """Return the types of a node's leading outputs by name."""
    return {
        name: onnx.helper.make_tensor_type_proto(element, shape)
        for name, (element, shape) in zip(node.outputs, types, strict=False)
        if name
    }


def _tensor(name: str, proto: onnx.TypeProto) -> Tensor | None:
    """Return the tensor if its element type and all its dimensions are known."""
    if not proto.HasField("tensor_type") or not proto.tensor_type.HasField("shape"):
        return None
    shape = []
    for dim in proto.tensor_type.shape.dim:
        if not dim.HasField("dim_value") or dim.dim_value < 0:
            return None
        shape.append(dim.dim_value)
    return Tensor(name, tuple(shape), element_name(proto.tensor_type.elem_type, name))


def _sizes(proto: onnx.TypeProto) -> tuple[int, ...]:
    return tuple(dim.dim_value for dim in proto.tensor_type.shape.dim)


def element_name(element: int, tensor: str) -> str:
    """Return the plain name of an ONNX element type.

    Raises:
        NetworkError: the type is not numeric.
    """
    name = type_name(element)
    if name not in BITS:
        raise UnshapedError(no_host_type(tensor, name))
    return name


def _no_value(name: str, constant: Constant, node: Node) -> str:
    needs = f"node '{node.name}' ({node.op}) needs the value of constant '{name}', whose data"
    if constant.outside:
        return f"{needs} lie in '{constant.outside}': put that file beside the model"
    return f"{needs} the file does not hold; export the network with that constant's data"


def _does_not_fit(node: Node, error: Exception) -> str:
    lines = [line for line in str(error).splitlines() if line.strip()]
    return (
        f"node '{node.name}' ({node.op}): operands do not fit: {lines[0] if lines else error}; "
        "check the file and the --dim sizes"
    )


def _unknown_shape(name: str, node: Node, sizes: Sequence[str] = ()) -> str:
    example = " ".join(f"--dim '{size}=1'" for size in sizes or (f"{name}.0", f"{name}.1"))
    return (
        f"tensor '{name}' of node '{node.name}' ({node.op}) has no shape that follows from the "
        "inputs' shapes; it depends on run-time values or on an operator without a rule: give its "
        f"sizes, axis by axis, for example {example}, or declare its shape in value_info"
    )
