"""MACs of a file as onnxruntime runs it: from the shapes in its profile, with no code of dfsrt."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnxruntime as ort

GATES = {"LSTM": 4, "GRU": 3, "RNN": 1, "DynamicQuantizeLSTM": 4}
CONVOLUTIONS = {"Conv": 1, "FusedConv": 1, "ConvInteger": 1, "QLinearConv": 3}
PRODUCTS = {"MatMul": 1, "FusedMatMul": 1, "MatMulInteger": 1, "QLinearMatMul": 3,
            "DynamicQuantizeMatMul": 1, "MatMulIntegerToFloat": 1}  # fmt: skip
TYPES = {"tensor(float)": np.float32, "tensor(float16)": np.float16, "tensor(int64)": np.int64,
         "tensor(int32)": np.int32, "tensor(bool)": np.bool_, "tensor(double)": np.float64,
         "tensor(uint8)": np.uint8}  # fmt: skip


def profiled_macs(
    file: Path, dims: Mapping[str, int], values: Mapping[str, float], folder: Path
) -> int:
    """Run ``file`` once, as written, and count; ``folder`` takes the profile.

    ``dims`` are sizes by the name in the file or by ``INPUT.AXIS``. Inputs without a value are
    random in [0, 1), whole ones 0, flags true.
    """
    options = ort.SessionOptions()
    options.log_severity_level = 4
    options.enable_profiling = True
    options.profile_file_prefix = str(folder / "p")
    options.add_session_config_entry("session.disable_prepacking", "1")  # weights keep a shape
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = ort.InferenceSession(file, options)
    rng = np.random.default_rng(0)
    feeds = {i.name: _array(i, dims, values, rng) for i in session.get_inputs()}
    session.run(None, feeds)
    rows = json.loads(Path(session.end_profiling()).read_text())
    nodes = (r["args"] for r in rows if r["name"].endswith("_kernel_time"))
    return sum(map(_macs, nodes))


def _array(
    value: ort.NodeArg,
    dims: Mapping[str, int],
    values: Mapping[str, float],
    rng: np.random.Generator,
) -> np.ndarray:
    shape = [size if isinstance(size, int) and size >= 0
             else dims.get(f"{value.name}.{axis}") or dims[size]
             for axis, size in enumerate(value.shape)]  # fmt: skip
    dtype = np.dtype(TYPES[value.type])
    if value.name in values:
        return np.full(shape, values[value.name], dtype)
    if dtype.kind == "f":
        return rng.random(shape).astype(dtype)
    return np.full(shape, dtype.kind == "b", dtype)


def _macs(node: dict) -> int:
    op, takes, gives = node["op_name"], _shapes(node["input_type_shape"]), _shapes(
        node["output_type_shape"])  # fmt: skip
    if op in CONVOLUTIONS:
        return math.prod(gives[0]) * math.prod(takes[CONVOLUTIONS[op]][1:])
    if op == "ConvTranspose":
        return math.prod(takes[0]) * math.prod(takes[1][1:])
    if op in PRODUCTS:
        return math.prod(gives[0]) * takes[0][-1]
    if op == "Gemm":
        return math.prod(takes[0]) * gives[0][-1]
    if op in GATES:
        steps, batch = takes[0][:2]
        directions, hidden = takes[1][0], takes[2][1 if op == "DynamicQuantizeLSTM" else 2]
        return steps * batch * directions * GATES[op] * hidden * (takes[0][2] + hidden)
    return 0


def _shapes(typed: list[dict[str, list[int]]]) -> list[list[int]]:
    return [shape for one in typed for shape in one.values()]
