"""Standard operators, in every operator set that has them, as onnxruntime runs them."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from onnx import TensorProto, helper

from dfsrt.network import from_onnx_model
from dfsrt.network.host import host_work
from dfsrt.network.rules.registry import rule_of
from dfsrt.network.shapes.sequence_ops import SEQUENCE_OPS
from tests.network.builders import Builder
from tests.network.standard_cases import CASES, Case, feeds
from tests.network.test_against_onnxruntime import session

ELEMENTS = (TensorProto.FLOAT, TensorProto.BOOL)


def run_time_shapes(model: onnx.ModelProto) -> list[tuple[int, ...]]:
    """Run the model on noise; its outputs get an element type, which onnxruntime asks for."""
    for element in ELEMENTS:
        for output in model.graph.output:
            output.type.tensor_type.elem_type = element
        try:
            return [array.shape for array in session(model).run(None, feeds(model))]
        except ort.capi.onnxruntime_pybind11_state.Fail:
            continue
        except ort.capi.onnxruntime_pybind11_state.NotImplemented:
            break
    from onnx.reference import ReferenceEvaluator

    return [np.shape(array) for array in ReferenceEvaluator(model).run(None, feeds(model))]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.op)
def test_shapes_are_those_of_a_run_in_every_operator_set(case: Case):
    versions = {case.first, case.last}
    versions |= {s.since_version for s in schemas() if s.name == case.op and not s.domain}
    for opset in sorted(v for v in versions if case.first <= v <= case.last):
        model = case.model(opset)
        network = from_onnx_model(model, "t", fuse=False)
        shapes = {t.name: t.shape for layer in network.layers for t in layer.outputs}
        expected = run_time_shapes(model)
        assert [shapes[o.name] for o in model.graph.output] == expected, opset


def schemas() -> list[onnx.defs.OpSchema]:
    return onnx.defs.get_all_schemas_with_history()


# What other rules or the walk through the graph do, and a preview that no exporter writes yet.
ELSEWHERE = {
    "Constant", "EyeLike", "FlexAttention", "GRU", "If", "LSTM", "Loop", "RNN", "Scan",
    "SequenceMap", "Shape", "Size",
}  # fmt: skip


def test_every_standard_operator_has_a_rule_or_a_reason():
    names = {(s.domain, s.name) for s in schemas() if s.domain in ("", "ai.onnx.ml")}
    for domain, op in names:
        node = node_of(op, domain)
        known = rule_of(node) or host_work(node) or op in SEQUENCE_OPS or op in ELSEWHERE
        assert known, op


def node_of(op: str, domain: str):
    from dfsrt.network.graph import Node

    return Node("n", op, domain, (), (), {}, onnx.NodeProto())


OLD = {
    "Affine": {"alpha": 2.0},
    "ImageScaler": {"scale": 2.0},
    "ParametricSoftplus": {},
    "ScaledTanh": {},
    "Scale": {"scale": 3.0},
}


@pytest.mark.parametrize("op", OLD)
def test_experimental_operators_of_old_sets_keep_their_operands_shape(op):
    b = Builder(opset=8)
    network = from_onnx_model(b.model(b.op(op, b.input("x", [1, 3, 4, 4]), **OLD[op])), "t")
    assert network.layers[0].outputs[0].shape == (1, 3, 4, 4)
    assert network.layers[0].vector_ops % 48 == 0


@pytest.mark.parametrize(
    ("attributes", "shape"),
    [({"border": [1, 2, 1, 0]}, (1, 3, 6, 7)), ({"border": [1, 2], "scale": [5, 4]}, (1, 3, 5, 4))],
)
def test_a_crop_of_old_sets_takes_off_its_borders(attributes, shape):
    b = Builder(opset=8)
    model = b.model(b.op("Crop", b.input("x", [1, 3, 8, 9]), **attributes))
    assert from_onnx_model(model, "t").layers[0].outputs[0].shape == shape


def test_an_operator_newer_than_the_files_set_is_named():
    b = Builder(opset=17)
    model = b.model(b.op("GroupNormalization", b.input("x", [1, 4, 2]), b.weight(4), b.weight(4)))
    with pytest.raises(Exception, match=r"in operator set 17, .* with operator set 18 or later"):
        from_onnx_model(model, "t")


def test_a_file_of_another_domain_alone_needs_no_standard_operator_set():
    node = helper.make_node("Scaler", ["x"], ["y"], domain="ai.onnx.ml", name="s")
    x, y = (helper.make_tensor_value_info(n, TensorProto.FLOAT, [2, 3]) for n in "xy")
    graph = helper.make_graph([node], "g", [x], [y])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("ai.onnx.ml", 3)])
    network = from_onnx_model(model, "t", unknown_ops="memory")
    assert network.unknown_ops == (("Scaler", 1),)
