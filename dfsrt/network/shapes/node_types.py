"""Types of what a node makes, from those of its operands: by the library, or by our own rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import onnx
from onnx import numpy_helper, shape_inference

from dfsrt.base.errors import NetworkError
from dfsrt.network.file.constants import (
    VALUE_LIMIT,
    Array,
)
from dfsrt.network.graph import Node
from dfsrt.network.recurrent import is_recurrent, recurrent_types
from dfsrt.network.rules import contrib
from dfsrt.network.rules.lane_ops import ELEMENTWISE
from dfsrt.network.rules.matrix import MATRIX_RULES
from dfsrt.network.shapes.agreement import check_agreement
from dfsrt.network.shapes.known import Known, UnshapedError, protos_of, sizes_of, tensor_of
from dfsrt.network.shapes.own import has_own_shape, own_shape
from dfsrt.network.shapes.ranks import check_rank
from dfsrt.network.shapes.run_time import RunTimeSizes, is_open
from dfsrt.network.shapes.schemas import SAME_AS_FIRST, first_version, inference_schema
from dfsrt.network.shapes.windows import check_windows

_INFERENCE_ERRORS = (
    onnx.checker.ValidationError,
    shape_inference.InferenceError,
    RuntimeError,
    ValueError,
)

_NEEDS_NO_VALUES = (
    ELEMENTWISE.keys()
    | MATRIX_RULES.keys()
    | {"BatchNormalization", "InstanceNormalization", "LayerNormalization"}
)


@dataclass(slots=True)
class NodeTypes(Known):
    """Types by operator: ``schemas`` of the operators met, and ``remarks`` on nodes by name."""

    schemas: dict[tuple[str, str, int], onnx.defs.OpSchema | None] = field(default_factory=dict)
    imports: list[onnx.OperatorSetIdProto] = field(init=False)
    run_time: RunTimeSizes = field(init=False)
    remarks: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        Known.__post_init__(self)
        self.imports = [onnx.helper.make_opsetid(d, v) for d, v in self.opsets.items()]
        self.run_time = RunTimeSizes(self.graph.dims)

    def types_made(self, node: Node) -> dict[str, onnx.TypeProto]:
        """Return the types of what ``node`` makes, by name, some of them with open sizes.

        Raises:
            NetworkError: operands that do not fit, or of which nobody knows the type.
        """
        schema = self._schema(node)
        if is_recurrent(node):
            return protos_of(node, recurrent_types(node, self.operands_of(node)))
        if node.op in SAME_AS_FIRST and not node.domain and node.inputs:
            return {node.outputs[0]: self.type_of(node.inputs[0], node)}
        types = self._infer_contrib(node) if schema is None else self._infer_known(node, schema)
        self._complete(node, types)
        return types

    def _infer_known(self, node: Node, schema: onnx.defs.OpSchema) -> dict[str, onnx.TypeProto]:
        check_rank(node, lambda name: self.operand(name, node)[1])
        types = {name: self.type_of(name, node) for name in node.inputs if name}
        last = node.domain == contrib.CHANNELS_LAST
        if last:
            types[node.inputs[0]] = contrib.channels_first(types[node.inputs[0]])
        if node.element:
            types = {name: contrib.without_scale(proto) for name, proto in types.items()}
        self._check_agreement(node, types)
        data = {name: numpy_helper.from_array(v) for name, v in self._values(node)}
        try:
            results = shape_inference.infer_node_outputs(
                schema, node.proto, types, data, opset_imports=self._imports_of(node)
            )
        except _INFERENCE_ERRORS as error:
            kind = UnshapedError if self.of_host(node) else NetworkError
            raise kind(_does_not_fit(node, error)) from error
        if note := check_windows(node, types, results):
            self.remarks[node.name] = note
        if last:
            results = {name: contrib.channels_last(proto) for name, proto in results.items()}
        if node.element:
            results[node.outputs[0]].tensor_type.elem_type = node.element
        return dict(results)

    def _check_agreement(self, node: Node, types: Mapping[str, onnx.TypeProto]) -> None:
        """Check operands against each other, which shape inference does in part."""
        shapes = [sizes_of(types[name]) if name else None for name in node.inputs]
        held = {i: self.constants[n] for i, n in enumerate(node.inputs) if n in self.constants}
        values = {i: c.value for i, c in held.items() if c.value is not None}
        check_agreement(node, shapes, held.keys(), values)

    def _complete(self, node: Node, found: dict[str, onnx.TypeProto]) -> None:
        """Set sizes that the library leaves open or takes wrongly, in place."""
        if not has_own_shape(node) and not any(map(is_open, found.values())):
            return
        shapes = [self.operand(name, node)[1] if name else None for name in node.inputs]
        values = [getattr(self.constants.get(name), "value", None) for name in node.inputs]
        own = own_shape(node, shapes, values)
        if own is not None:
            element = self.type_of(node.inputs[0], node).tensor_type.elem_type
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
        site = contrib.Site(node, self.operands_of(node), self.value_of, self.declared_as)
        return protos_of(node, contrib.contrib_shapes(site))

    def is_small(self, node: Node) -> bool:
        """Return whether all that a standard node makes is small enough to keep its values.

        Raises:
            NetworkError: operands that do not fit, or of which nobody knows the type.
        """
        if node.domain:
            return False
        tensors = [tensor_of(name, proto) for name, proto in self.types_made(node).items()]
        return bool(tensors) and all(t and t.elements <= VALUE_LIMIT for t in tensors)


def _does_not_fit(node: Node, error: Exception) -> str:
    lines = [line for line in str(error).splitlines() if line.strip()]
    return (
        f"node '{node.name}' ({node.op}): operands do not fit: {lines[0] if lines else error}; "
        "check the file and the --dim sizes"
    )
