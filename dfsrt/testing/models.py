"""Small models with values to try a transform on: convolutions, products, and the odd corners."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from dfsrt.network.samples.feeds import element_type
from dfsrt.optimize import Calibration

if TYPE_CHECKING:
    import onnx

OPSET = 17


def odd_models() -> dict[str, onnx.ModelProto]:
    """Return small models by what is odd in them, with random weights that are always the same."""
    return {
        "convolutions and a residual": _residual(),
        "products of odd rows": _products(),
        "a transposed convolution": _transposed(),
    }


def random_calibration(model: onnx.ModelProto, samples: int = 8, seed: int = 0) -> Calibration:
    """Return normal random inputs of a model whose sizes are all set."""
    random = np.random.default_rng(seed)
    stored = {t.name for t in model.graph.initializer}
    inputs = [i for i in model.graph.input if i.name not in stored]

    def feed(value: onnx.ValueInfoProto) -> np.ndarray[tuple[int, ...], np.dtype[np.generic]]:
        shape = [d.dim_value for d in value.type.tensor_type.shape.dim]
        return random.normal(size=shape).astype(element_type(value.name, value.type))

    feeds = tuple({i.name: feed(i) for i in inputs} for _ in range(samples))
    return Calibration(feeds, "random", random=True)


class _Draft:
    """A model in the making: nodes in a row, and weights drawn with one generator."""

    def __init__(self, *shape: int) -> None:
        from onnx import TensorProto, helper

        self.random = np.random.default_rng(19)
        self.nodes: list[onnx.NodeProto] = []
        self.stored: list[onnx.TensorProto] = []
        self.shape = shape
        self.input = helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)

    def weight(self, *shape: int, positive: bool = False) -> str:
        from onnx import numpy_helper

        name = f"w{len(self.stored)}"
        array = self.random.normal(size=shape) / math.sqrt(math.prod(shape[1:]))
        array = np.abs(array) + 0.5 if positive else array
        self.stored.append(numpy_helper.from_array(array.astype(np.float32), name))
        return name

    def op(self, op: str, *inputs: str, **attributes: int | list[int]) -> str:
        from onnx import helper

        name = f"{op.lower()}{len(self.nodes)}"
        node = helper.make_node(op, list(inputs), [name], name)
        node.attribute.extend(helper.make_attribute(k, v) for k, v in attributes.items())
        self.nodes.append(node)
        return name

    def conv(self, x: str, inputs: int, outputs: int, size: int = 3, groups: int = 1) -> str:
        weight = self.weight(outputs, inputs // groups, size, size)
        pads = [size // 2] * 4
        y = self.op("Conv", x, weight, self.weight(outputs), pads=pads, group=groups)
        scale = self.weight(outputs, positive=True)
        others = self.weight(outputs), self.weight(outputs), self.weight(outputs, positive=True)
        return self.op("BatchNormalization", y, scale, *others)

    def model(self, y: str, *shape: int) -> onnx.ModelProto:
        from onnx import TensorProto, helper

        output = helper.make_tensor_value_info(y, TensorProto.FLOAT, shape)
        graph = helper.make_graph(self.nodes, "odd", [self.input], [output], self.stored)
        opset = [helper.make_opsetid("", OPSET)]
        return helper.make_model(graph, opset_imports=opset, ir_version=8)


def _residual() -> onnx.ModelProto:
    d = _Draft(1, 3, 8, 8)
    x = d.op("Relu", d.conv("x", 3, 32))
    y = d.op("Relu", d.conv(x, 32, 32, groups=32))
    x = d.op("Relu", d.op("Add", x, d.conv(y, 32, 32, size=1)))
    x = d.op("Flatten", d.op("GlobalAveragePool", x))
    return d.model(d.op("Gemm", x, d.weight(10, 32), d.weight(10), transB=1), 1, 10)


def _products() -> onnx.ModelProto:
    """Rows of 37 and 48 inputs: whole blocks of nothing, and of 16."""
    d = _Draft(4, 37)
    x = d.op("Relu", d.op("Add", d.op("MatMul", "x", d.weight(37, 48)), d.weight(48)))
    return d.model(d.op("MatMul", x, d.weight(48, 12)), 4, 12)


def _transposed() -> onnx.ModelProto:
    d = _Draft(1, 4, 6, 6)
    y = d.op("ConvTranspose", "x", d.weight(4, 8, 2, 2), strides=[2, 2])
    return d.model(d.conv(d.op("Relu", y), 8, 4, size=1), 1, 4, 12, 12)
