"""Shapes and types of onnxruntime's operators against runs of its own."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import helper

from dfsrt.network.infer import shaped_graph
from dfsrt.network.reading import Reading
from tests.network.contrib_cases import CASES, node_model
from tests.network.test_against_onnxruntime import session


def typed(model: onnx.ModelProto, names) -> dict[str, tuple[str, tuple[int, ...]]]:
    tensors = shaped_graph(model, Reading()).tensors
    return {name: (tensors[name].dtype, tensors[name].shape) for name in names}


@pytest.mark.parametrize("case", CASES)
def test_an_operator_has_the_shapes_and_types_that_onnxruntime_runs_it_with(case):
    op, operands, settings = CASES[case]
    model, feeds = node_model(op, operands, **settings)
    names = [output.name for output in model.graph.output]
    expected = run(model, feeds)
    names = [name for name, array in zip(names, expected, strict=True) if array is not None]
    arrays = [array for array in expected if array is not None]
    want = {n: (str(a.dtype), a.shape) for n, a in zip(names, arrays, strict=True)}
    assert typed(model, names) == want


def run(model: onnx.ModelProto, feeds) -> list[np.ndarray]:
    """Run the model; onnxruntime refuses output types that are not those of its kernels."""
    tried = onnx.ModelProto()
    tried.CopyFrom(model)
    types = typed(model, [output.name for output in model.graph.output])
    for output in tried.graph.output:
        kind = np.dtype(types[output.name][0])
        output.type.tensor_type.elem_type = helper.np_dtype_to_tensor_dtype(kind)
    try:
        return session(tried).run(None, feeds)
    except Exception as error:
        if "not a registered function" in str(error):
            pytest.skip("this onnxruntime does not have the operator yet")
        raise
