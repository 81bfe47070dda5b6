"""A kernel regression as ONNX nodes, in float32."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dfsrt.base.arrays import Floats
from dfsrt.power.learn.kernel import LENGTH, WIDEST, Kernel

if TYPE_CHECKING:
    import onnx


def kernel_nodes(
    kernel: Kernel, output: str
) -> tuple[list[onnx.NodeProto], list[onnx.TensorProto]]:
    """Return the nodes that make ``output``, ``(n_asked, n_outputs)``, of ``features``, and their
    constants.
    """
    from onnx import helper

    def node(op: str, *names: str) -> onnx.NodeProto:
        *inputs, made = (n if n in ("features", output) else f"kernel/{n}" for n in names)
        return helper.make_node(op, inputs, [made])

    nodes = [
        node("Sub", "features", "mean", "moved"),
        node("Div", "moved", "spread", "scaled"),
        node("Clip", "scaled", "low", "high", "clipped"),
        node("Mul", "clipped", "stretch", "asked"),
        node("Mul", "asked", "asked", "squares"),
        helper.make_node("ReduceSum", ["kernel/squares", "kernel/axis"], ["kernel/own"]),
        node("Gemm", "asked", "minus_twice_centers", "centers_own", "pairs"),
        node("Add", "pairs", "own", "square"),
        node("Max", "square", "zero", "positive"),
        node("Mul", "positive", "per_length", "far_square"),
        node("Sqrt", "far_square", "far"),
        node("Neg", "far", "near"),
        node("Exp", "near", "fall"),
        node("Add", "far", "one", "rise"),
        node("Mul", "rise", "fall", "likeness"),
        node("Gemm", "likeness", "weights", "level", output),
    ]
    return nodes, _constants(kernel)


def _constants(kernel: Kernel) -> list[onnx.TensorProto]:
    from onnx import numpy_helper

    values: dict[str, Floats | float] = {
        "mean": kernel.mean,
        "spread": kernel.spread,
        "stretch": kernel.stretch,
        "low": -WIDEST,
        "high": WIDEST,
        "zero": 0.0,
        "one": 1.0,
        "minus_twice_centers": -2.0 * kernel.centers.T,
        "centers_own": (kernel.centers**2).sum(axis=1),
        "per_length": 3.0 / LENGTH**2,
        "weights": kernel.weights,
        "level": kernel.level,
    }
    axis = numpy_helper.from_array(np.array([1], dtype=np.int64), "kernel/axis")
    return [axis] + [
        numpy_helper.from_array(np.asarray(value, dtype=np.float32), f"kernel/{name}")
        for name, value in values.items()
    ]
