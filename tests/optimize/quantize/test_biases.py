"""Every form of bias that a Gemm may have is quantized, and counts as often as it says."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from dfsrt.optimize import parse_steps
from dfsrt.testing.models import random_calibration
from tests.optimize.quantize.test_quantized_files import applied, sqnr_db


def gemm(bias, **attributes):
    random = np.random.default_rng(0)
    weight = random.normal(size=(8, 5)).astype(np.float32)
    arrays = {"w": weight, "c": np.asarray(random.normal(size=bias), np.float32)}
    nodes = [helper.make_node("Gemm", ["x", "w", "c"], ["y"], "gemm", **attributes)]
    graph = helper.make_graph(
        nodes,
        "gemm",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [4, 8])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [4, 5])],
        [numpy_helper.from_array(array, name) for name, array in arrays.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


@pytest.mark.parametrize("bias", [(5,), (1, 5), (), (1,), (4, 1), (4, 5)])
def test_a_bias_of_any_form_and_factor_keeps_the_answers(bias):
    model = gemm(bias, beta=2.0, alpha=0.5)
    for step in ("int8", "w8a16"):
        smaller = applied(step, model)
        assert sqnr_db(model, smaller) > 30
        read = {name for node in smaller.graph.node for name in node.input}
        assert {t.name for t in smaller.graph.initializer} <= read


def test_a_softmax_in_double_precision_keeps_its_numbers():
    model = gemm((5,))
    graph = model.graph
    graph.node[0].output[0] = "product"
    graph.node.extend(
        [
            helper.make_node("Cast", ["product"], ["wide"], "widen", to=TensorProto.DOUBLE),
            helper.make_node("Softmax", ["wide"], ["shares"], "softmax"),
            helper.make_node("Neg", ["shares"], ["y"], "negate"),
        ]
    )
    graph.output[0].type.tensor_type.elem_type = TensorProto.DOUBLE
    data = random_calibration(model, 4)
    smaller = parse_steps("int8")[0].apply(model, data)
    onnxruntime.InferenceSession(smaller.SerializeToString()).run(None, dict(data.samples[0]))
    softmax = next(n for n in smaller.graph.node if n.op_type == "Softmax")
    assert softmax.output[0] in smaller.graph.node[-1].input
