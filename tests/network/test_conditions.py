"""What works out the condition of an If runs before either branch, so it counts."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from dfsrt.network import from_onnx_model
from tests.network.builders import Builder


def cascade() -> onnx.ModelProto:
    """A cheap score of 12 products; above a half a second product of 6 looks again."""
    b = Builder()
    x = b.input("x", [1, 12])
    score = b.op("Sigmoid", b.op("MatMul", x, b.weight(12, 1)))
    likely = b.op("Greater", b.op("Squeeze", score), b.const(0.5, np.float32))
    b.constants.append(onnx.numpy_helper.from_array(np.ones((12, 6), np.float32), "second"))
    makers = {"again": ("MatMul", [x, "second"]), "never": ("Relu", [x])}
    graphs = [
        helper.make_graph([helper.make_node(op, reads, [name], name=name)], name, [],
                          [helper.make_tensor_value_info(name, TensorProto.FLOAT, None)])
        for name, (op, reads) in makers.items()
    ]  # fmt: skip
    return b.model(b.op("If", likely, then_branch=graphs[0], else_branch=graphs[1]))


@pytest.mark.parametrize(("branch", "macs"), [("larger", 84), ("then", 84), ("else", 12)])
def test_a_score_that_decides_counts_beside_the_branch(branch, macs):
    network = from_onnx_model(cascade(), "t", branch=branch, fuse=False)
    assert network.macs == macs
    assert {"Greater", "Sigmoid"} <= {layer.op for layer in network.layers}
