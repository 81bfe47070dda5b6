"""What it takes to read a large file with its weights inside: seconds, and memory at its highest.

    python -m benchmarks.reading [GIGABYTES]

writes a file of so many gigabytes (1.3 unless said), and reads it by each way in a process of its
own: as dfsrt does for layers, and as the library does, whole.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

MB = 1_000_000
SIDE = 4096
"""Rows of a weight, which makes 67 MB each."""

WAYS = {
    "dfsrt": "from dfsrt.network.file.reader import read_model as read",
    "whole": "from dfsrt.network.file.reader import read_whole as read",
    "onnx": "import onnx; read = lambda path: onnx.load(str(path), load_external_data=False)",
}

_RUN = """
import json, resource, sys, time
from pathlib import Path
import onnx
{way}
path = Path(sys.argv[1])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
start = time.perf_counter()
nodes = len(read(path).graph.node)
seconds = time.perf_counter() - start
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps(dict(seconds=seconds, nodes=nodes, mb=(peak - before) * 1024 / 1e6)))
"""


def write_large(path: Path, size: float) -> None:
    """Write a chain of products whose weights take ``size`` bytes, one weight at a time."""
    import numpy as np
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    count = max(round(size / (4 * SIDE * SIDE)), 1)
    names = [f"w{i}" for i in range(count)]
    tensors = ["x", *(f"h{i}" for i in range(count))]
    nodes = [
        helper.make_node("MatMul", [a, w], [b])
        for a, w, b in zip(tensors, names, tensors[1:], strict=False)
    ]
    ends = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, SIDE])
        for name in (tensors[0], tensors[-1])
    ]
    graph = helper.make_graph(nodes, "g", ends[:1], ends[1:])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    rows = np.ones((SIDE, SIDE), np.float32)
    with path.open("wb") as file:
        file.write(model.SerializeToString())
        for name in names:  # fields of one message may come apart: they are joined
            part = onnx.ModelProto()
            part.graph.initializer.append(numpy_helper.from_array(rows, name))
            file.write(part.SerializeToString())


def reading(size: float = 1300 * MB) -> dict[str, dict[str, float]]:
    """Return seconds and megabytes at the highest of each way to read a file of ``size`` bytes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.onnx"
        write_large(path, size)
        return {name: _measured(way, path) for name, way in WAYS.items()}


def _measured(way: str, path: Path) -> dict[str, float]:
    command = [sys.executable, "-c", _RUN.format(way=way), str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    figures: dict[str, float] = json.loads(done.stdout)
    return {**figures, "file_mb": path.stat().st_size / MB}


if __name__ == "__main__":
    size = float(sys.argv[1]) * 1000 * MB if len(sys.argv) > 1 else 1300 * MB
    json.dump(reading(size), sys.stdout, indent=2)
