"""Networks with control flow for the tests, and what onnxruntime says that they do."""

from __future__ import annotations

import json
import math
from collections import Counter
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

FLOAT, INT64, BOOL = TensorProto.FLOAT, TensorProto.INT64, TensorProto.BOOL
WIDTH = 8


def value(name: str, shape, kind: int = FLOAT) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, kind, shape)


def stored(name: str, array) -> onnx.TensorProto:
    return numpy_helper.from_array(np.asarray(array), name)


def node(op: str, inputs: str, outputs: str, name: str = "", **attributes) -> onnx.NodeProto:
    """A node of operands between spaces; ``-`` stands for an absent one."""
    names = [[n.replace("-", "") for n in text.split()] for text in (inputs, outputs)]
    return helper.make_node(op, *names, name=name, **attributes)


def graph(nodes, inputs, outputs, stored=()) -> onnx.GraphProto:
    return helper.make_graph(list(nodes), "inner", list(inputs), list(outputs), list(stored))


def model(nodes, inputs, outputs, stored=(), opset: int = 17, functions=()) -> onnx.ModelProto:
    outer = helper.make_graph(list(nodes), "g", list(inputs), list(outputs), list(stored))
    imports = [helper.make_opsetid("", opset), helper.make_opsetid("own", 1)]
    return helper.make_model(outer, opset_imports=imports, ir_version=9, functions=list(functions))


WEIGHT = stored("W", np.full((WIDTH, WIDTH), 0.1, np.float32))
STATE = value("h", [1, WIDTH])


def body(nodes, states=(STATE,), scans=(), condition="Identity c", own="") -> onnx.GraphProto:
    """A Loop's body, whose states ``h`` become ``h_out``; ``condition`` is an operator and its
    operands, and ``own`` stands before the names that all bodies have."""
    op, *operands = condition.split()
    inputs = [value(f"{own}i", [], INT64), value(f"{own}c", [], BOOL), *states]
    made = [value(f"{s.name}_out", [None] * rank_of(s), element_of(s)) for s in states]
    outputs = [value(f"{own}c_out", [], BOOL), *made, *scans]
    return graph([*nodes, node(op, " ".join(operands), f"{own}c_out")], inputs, outputs)


def rank_of(info: onnx.ValueInfoProto) -> int:
    return len(info.type.tensor_type.shape.dim)


def element_of(info: onnx.ValueInfoProto) -> int:
    return info.type.tensor_type.elem_type


def multiply(source: str = "h", target: str = "h_out", name: str = "mm") -> onnx.NodeProto:
    return node("MatMul", f"{source} W", target, name)


def looped(inner: onnx.GraphProto, count, *, more=(), inputs=(), outputs=(), operands="x"):
    """A model whose Loop ``L`` passes through ``inner`` as often as ``count``, or by the condition
    alone."""
    known = [] if count is None or isinstance(count, str) else [stored("M", np.int64(count))]
    first = "-" if count is None else count if isinstance(count, str) else "M"
    targets = " ".join(["y", *(o.name for o in outputs)])
    loop = node("Loop", f"{first} - {operands}", targets, "L", body=inner)
    return model(
        [loop], [value("x", [1, WIDTH]), *inputs], [value("y", [None, WIDTH]), *outputs],
        [WEIGHT, *known, *more],
    )  # fmt: skip


def ran(proto: onnx.ModelProto, folder: Path, **feeds) -> tuple[int, Counter[str]]:
    """Multiply-accumulates of all products that onnxruntime ran, by the shapes it saw, and how
    often each operator ran."""
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.enable_profiling = True
    options.profile_file_prefix = str(folder / "profile")
    options.log_severity_level = 4
    session = ort.InferenceSession(
        proto.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    given = {"x": np.full((1, WIDTH), 0.5, np.float32)} | feeds
    names = {i.name for i in session.get_inputs()}
    session.run(None, {n: np.asarray(v) for n, v in given.items() if n in names})
    macs, times = 0, Counter()
    for event in json.loads(Path(session.end_profiling()).read_text("utf-8")):
        if not event["name"].endswith("_kernel_time"):
            continue
        arguments = event["args"]
        times[arguments["op_name"]] += 1
        if arguments["op_name"] == "MatMul":
            (left,), (made,) = (
                [next(iter(t.values())) for t in arguments[side][:1]]
                for side in ("input_type_shape", "output_type_shape")
            )
            macs += math.prod(made) * left[-1]
    return macs, times
