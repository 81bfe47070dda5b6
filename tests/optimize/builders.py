"""Models of one product, to try steps on."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from dfsrt.optimize import Calibration, apply_steps, parse_steps

OPSET = 21


def one_layer(op, weight, bias=None, extra=(), **attributes):
    """Return a model of one product with its weight, which ``extra`` nodes may decode."""
    nodes, arrays = list(extra), {"w": weight} if isinstance(weight, np.ndarray) else dict(weight)
    read = "decoded" if extra else "w"
    shape = _input_shape(op, arrays["w"], attributes)
    inputs = ["x", read]
    if bias is not None:
        arrays["bias"] = bias
        inputs.append("bias")
    nodes.append(helper.make_node(op, inputs, ["y"], op.lower(), **attributes))
    graph = helper.make_graph(
        nodes,
        "one",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(array, name) for name, array in arrays.items()],
    )
    imports = [helper.make_opsetid("", OPSET)]
    return helper.make_model(graph, opset_imports=imports, ir_version=10)


def _input_shape(op, weight, attributes):
    if op == "Conv":
        return (1, weight.shape[1] * attributes.get("group", 1), 6, 6)
    if op == "ConvTranspose":
        return (1, weight.shape[0], 3, 3)
    return (2, weight.shape[-1] if attributes.get("transB") else weight.shape[-2])


def rows_of(op, weight, **attributes):
    """Each output's weights by the standard's words: a list of flat indices, channels innermost."""
    index = np.arange(weight.size).reshape(weight.shape)
    if op == "Conv":
        return [kernel.transpose(1, 2, 0).reshape(-1).tolist() for kernel in index]
    if op == "ConvTranspose":
        groups = attributes.get("group", 1)
        parts = np.split(index, groups, axis=0)
        return [
            part[:, output].transpose(1, 2, 0).reshape(-1).tolist()
            for part in parts
            for output in range(weight.shape[1])
        ]
    return index.tolist() if attributes.get("transB") else index.T.tolist()


LAYOUTS = [
    ("Conv", (6, 4, 3, 3), {}),
    ("Conv", (8, 2, 2, 2), {"group": 2}),
    ("ConvTranspose", (4, 2, 2, 2), {"group": 2}),
    ("Gemm", (8, 12), {"transB": 1}),
    ("Gemm", (12, 8), {}),
    ("MatMul", (12, 8), {}),
]


def applied(model, steps):
    """Return the model after ``steps`` on one random sample."""
    dims = model.graph.input[0].type.tensor_type.shape.dim
    shape = [d.dim_value for d in dims]
    x = np.random.default_rng(1).normal(size=shape).astype(np.float32)
    *_, last = apply_steps(model, parse_steps(steps), Calibration(({"x": x},), "random"))
    return last.model


def array(model, name="w"):
    tensor = next(t for t in model.graph.initializer if t.name == name)
    return numpy_helper.to_array(tensor)


def random_weight(shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def checked(model):
    onnx.checker.check_model(model)
    return model
