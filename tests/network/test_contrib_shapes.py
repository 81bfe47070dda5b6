"""Shapes and types of onnxruntime's operators against runs of its own."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import helper

from dfsrt.network import from_onnx_model
from tests.network.contrib_cases import CASES, node_model
from tests.network.test_against_onnxruntime import session


def typed(model: onnx.ModelProto, names) -> dict[str, tuple[str, tuple[int, ...]]]:
    tensors = {
        t.name: (t.dtype, t.shape)
        for layer in from_onnx_model(model, "t").layers
        for t in layer.outputs
    }
    return {name: tensors[name] for name in names}


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
    """Run the model; types of its outputs are tried until they fit."""
    tried = onnx.ModelProto()
    tried.CopyFrom(model)
    return session(with_types(tried)).run(None, feeds)


def with_types(model: onnx.ModelProto) -> onnx.ModelProto:
    from dfsrt.network import from_onnx_model

    by_name = {
        t.name: t.dtype for layer in from_onnx_model(model, "t").layers for t in layer.outputs
    }
    for output in model.graph.output:
        kind = np.dtype(by_name[output.name])
        output.type.tensor_type.elem_type = helper.np_dtype_to_tensor_dtype(kind)
    return model
