"""Graphs that dfsrt builds: what their files say, counted without dfsrt, and what they compute."""

from __future__ import annotations

import math

import onnx
import onnxruntime

from dfsrt.network.built import build_network


def built(name):
    """Build a network by its name with sizes, as people type it."""
    spec, *sizes = name.split(":")
    return build_network(spec, {k: int(v) for k, v in (size.split("=") for size in sizes)})


def shapes_of(model):
    """All shapes by name."""
    found = {}
    for info in (*model.graph.input, *model.graph.value_info, *model.graph.output):
        found[info.name] = tuple(d.dim_value for d in info.type.tensor_type.shape.dim)
    return found


def weights_of(model):
    """Shapes of all weights by name."""
    values = {t.name: onnx.numpy_helper.to_array(t) for t in model.graph.initializer}
    fills = [n for n in model.graph.node if n.op_type == "ConstantOfShape"]
    return {n.output[0]: tuple(values[n.input[0]]) for n in fills}


def params_of(model):
    return sum(map(math.prod, weights_of(model).values()))


def session_of(model):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # its threads wait by spinning, beside another worker's tests
    return onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
