"""From fitted scikit-learn models to one ONNX graph: features in, one output each out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from dfsrt.power.learn.kernel import Kernel
from dfsrt.power.learn.kernel_graph import kernel_nodes
from dfsrt.power.learn.learner import TREES, Fitted

if TYPE_CHECKING:
    import onnx

OPSET = 17
BLENDED = ("log_demand", "log_slowdown")
"""Outputs of a model with a kernel regression, in the order of the kernel's."""


def to_onnx_bytes(fitted: Fitted, columns: int, *, double: bool) -> bytes:
    """Return the ONNX model of all of ``fitted``'s estimators and its kernel, as bytes.

    With ``double`` it computes in float64, which only linear models can.
    """
    from onnx import helper

    nodes: list[onnx.NodeProto] = []
    constants: list[onnx.TensorProto] = []
    outputs: list[onnx.ValueInfoProto] = []
    inputs: list[onnx.ValueInfoProto] = []
    opsets: dict[str, int] = {}
    for name, model in fitted.estimators().items():
        graph = _converted(model, name, columns, double=double)
        nodes += graph.graph.node
        constants += graph.graph.initializer
        outputs += graph.graph.output
        inputs = inputs or list(graph.graph.input)
        for used in graph.opset_import:
            opsets[used.domain] = max(used.version, opsets.get(used.domain, 0))
    if fitted.kernel is not None:
        found, held = _blended(fitted.kernel)
        nodes, constants, outputs = nodes + found, constants + held, _outputs(*BLENDED)
    graph = helper.make_graph(nodes, "power", inputs, outputs, constants)
    imports = [helper.make_opsetid(domain, version) for domain, version in opsets.items()]
    made = helper.make_model(graph, opset_imports=imports, ir_version=8, producer_name="dfsrt")
    return bytes(made.SerializeToString(deterministic=True))


def _blended(kernel: Kernel) -> tuple[list[onnx.NodeProto], list[onnx.TensorProto]]:
    """Nodes that split the kernel's outputs, the second of which is averaged with the trees'."""
    from onnx import helper

    nodes, constants = kernel_nodes(kernel, "smooth")
    demand, slowdown = BLENDED
    nodes.append(helper.make_node("Split", ["smooth"], [demand, "smooth_slowdown"], axis=1))
    nodes.append(helper.make_node("Mean", ["smooth_slowdown", TREES], [slowdown]))
    return nodes, constants


def _outputs(*names: str) -> list[onnx.ValueInfoProto]:
    from onnx import TensorProto, helper

    return [helper.make_tensor_value_info(n, TensorProto.FLOAT, [None, 1]) for n in names]


def _converted(model: Any, output: str, columns: int, *, double: bool) -> onnx.ModelProto:
    """One estimator as ONNX, its inner names made its own and its output named."""
    from onnx import compose
    from skl2onnx import convert_sklearn
    from skl2onnx.common.data_types import DoubleTensorType, FloatTensorType

    kind = DoubleTensorType if double else FloatTensorType
    with _whole_number_flags():
        found = convert_sklearn(
            model, initial_types=[("features", kind([None, columns]))], target_opset=OPSET
        )
    found = compose.add_prefix(found, f"{output}/", rename_inputs=False)
    last = found.graph.output[0].name
    for node in found.graph.node:
        node.output[:] = [output if name == last else name for name in node.output]
        node.input[:] = [output if name == last else name for name in node.input]
    found.graph.output[0].name = output
    return found


@contextmanager
def _whole_number_flags() -> Iterator[None]:
    """Mend skl2onnx 1.20 while it converts boosted trees: it writes False where ONNX has the
    number 0, and newer versions of protobuf no longer take one for the other.
    """
    from skl2onnx.common import tree_ensemble

    plain, flag = tree_ensemble.add_node, "nodes_missing_value_tracks_true"

    def mended(*arguments: Any, **named: Any) -> Any:
        return plain(*arguments, **{**named, flag: int(named.get(flag, 0))})

    tree_ensemble.add_node = mended
    try:
        yield
    finally:
        tree_ensemble.add_node = plain
