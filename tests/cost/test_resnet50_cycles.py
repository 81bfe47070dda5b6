"""The whole way from ONNX to cycles, against a count that shares no code with it."""

from __future__ import annotations

import math
from pathlib import Path

import onnx
import pytest

import dfsrt
from dfsrt.cost import cost_network


def independent_cycles() -> list[int]:
    """Fold formula over onnx's own inferred shapes, by plain loops."""
    path = Path(onnx.__file__).parent / "backend/test/data/light/light_resnet50.onnx"
    graph = onnx.shape_inference.infer_shapes(onnx.load(path)).graph
    shapes = {
        v.name: [d.dim_value for d in v.type.tensor_type.shape.dim]
        for v in (*graph.value_info, *graph.input, *graph.output)
    }
    cycles = []
    for node in graph.node:
        if node.op_type == "Conv":
            out_channels, channels, height, width = shapes[node.input[1]]
            _, _, rows, cols = shapes[node.output[0]]
            pixels, depth = rows * cols, channels * height * width
        elif node.op_type == "Gemm":
            pixels, (out_channels, depth) = 1, shapes[node.input[1]]
        else:
            continue
        folds = math.ceil(depth / 128) * math.ceil(out_channels / 128)
        cycles.append((2 * 128 + 128 + pixels - 2) * folds)
    return cycles


@pytest.mark.parametrize("fuse", [True, False])
def test_resnet50_on_systolic_128_takes_the_published_cycles(fuse):
    network = dfsrt.load_network("resnet50", fuse=fuse)
    costs = cost_network(network, dfsrt.load_device("systolic-128"))
    ours = [c.compute_cycles for c in costs if c.layer.op in ("Conv", "Gemm")]
    assert ours == independent_cycles()
    assert (len(ours), sum(ours)) == (54, 916_544)
