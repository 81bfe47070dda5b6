"""Small ONNX models for the tests, built with the library's own helper."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


class Builder:
    """Collects nodes and constants; each call of ``op`` returns its first output's name."""

    def __init__(self, opset: int = 17, dtype: int = TensorProto.FLOAT) -> None:
        self.opset = opset
        self.dtype = dtype
        self.nodes: list[onnx.NodeProto] = []
        self.inputs: list[onnx.ValueInfoProto] = []
        self.constants: list[onnx.TensorProto] = []
        self.count = 0

    def fresh(self, stem: str) -> str:
        self.count += 1
        return f"{stem}_{self.count}"

    def input(self, name: str, shape, dtype: int | None = None) -> str:
        self.inputs.append(helper.make_tensor_value_info(name, dtype or self.dtype, shape))
        return name

    def weight(self, *shape: int, name: str | None = None) -> str:
        name = name or self.fresh("w")
        array = np.ones(shape, helper.tensor_dtype_to_np_dtype(self.dtype))
        self.constants.append(numpy_helper.from_array(array, name))
        return name

    def const(self, value, dtype=np.int64) -> str:
        name = self.fresh("c")
        self.constants.append(numpy_helper.from_array(np.array(value, dtype), name))
        return name

    def op(self, op: str, *inputs: str, n: int = 1, name: str | None = None, **attributes) -> str:
        outputs = [self.fresh(op.lower()) for _ in range(n)]
        name = self.fresh(f"/{op}") if name is None else name
        self.nodes.append(helper.make_node(op, list(inputs), outputs, name=name, **attributes))
        return outputs[0] if n == 1 else tuple(outputs)  # type: ignore[return-value]

    def model(self, *outputs: str, imports: dict[str, int] | None = None) -> onnx.ModelProto:
        graph = helper.make_graph(
            self.nodes,
            "g",
            self.inputs,
            [onnx.ValueInfoProto(name=name) for name in outputs],
            self.constants,
        )
        opsets = [helper.make_opsetid(d, v) for d, v in (imports or {}).items()]
        return helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", self.opset), *opsets], ir_version=8
        )


def runnable(model: onnx.ModelProto, dtype: int = TensorProto.FLOAT) -> onnx.ModelProto:
    """Give the outputs an element type, which onnxruntime asks for."""
    for output in model.graph.output:
        output.type.tensor_type.elem_type = dtype
    return model


def silu(b: Builder, x: str) -> str:
    return b.op("Mul", x, b.op("Sigmoid", x))


def gelu(b: Builder, x: str) -> str:
    """GELU through the error function, as exporters write it."""
    inner = b.op("Erf", b.op("Div", x, b.const(1.4142, np.float32)))
    return b.op(
        "Mul", b.op("Mul", x, b.op("Add", inner, b.const(1, np.float32))), b.const(0.5, np.float32)
    )


def group_norm(b: Builder, x: str, shape: list[int], groups: int = 4) -> str:
    """GroupNorm as torch exports it before operator set 18."""
    y = b.op("Reshape", x, b.const([0, groups, -1]))
    y = b.op("InstanceNormalization", y, b.weight(groups), b.weight(groups))
    y = b.op("Reshape", y, b.const(shape))
    return b.op("Add", b.op("Mul", y, b.weight(shape[1], 1, 1)), b.weight(shape[1], 1, 1))


def layer_norm(b: Builder, x: str, width: int) -> str:
    """LayerNorm written out as before operator set 17."""
    centred = b.op("Sub", x, b.op("ReduceMean", x, axes=[-1]))
    square = b.op("Pow", centred, b.const(2.0, np.float32))
    variance = b.op("Add", b.op("ReduceMean", square, axes=[-1]), b.const(1e-5, np.float32))
    y = b.op("Div", centred, b.op("Sqrt", variance))
    return b.op("Add", b.op("Mul", y, b.weight(width)), b.weight(width))


def linear(b: Builder, x: str, k: int, n: int) -> str:
    return b.op("Add", b.op("MatMul", x, b.weight(k, n)), b.weight(n))


def heads(b: Builder, x: str, length: int, count: int, size: int) -> str:
    y = b.op("Reshape", x, b.const([0, length, count, size]))
    return b.op("Transpose", y, perm=[0, 2, 1, 3])


def attention(b: Builder, x: str, length: int, width: int, count: int = 2) -> str:
    size = width // count
    q, k, v = (heads(b, linear(b, x, width, width), length, count, size) for _ in range(3))
    scores = b.op("MatMul", q, b.op("Transpose", k, perm=[0, 1, 3, 2]))
    scores = b.op("Softmax", b.op("Div", scores, b.const(3.0, np.float32)), axis=-1)
    y = b.op("Transpose", b.op("MatMul", scores, v), perm=[0, 2, 1, 3])
    return linear(b, b.op("Reshape", y, b.const([0, length, width])), width, width)


def transformer_block(b: Builder, x: str, length: int, width: int) -> str:
    x = b.op("Add", x, attention(b, layer_norm(b, x, width), length, width))
    inner = gelu(b, linear(b, layer_norm(b, x, width), width, 4 * width))
    return b.op("Add", x, linear(b, inner, 4 * width, width))


def unet_block(b: Builder, x: str, time: str, channels: int, side: int) -> str:
    """A residual block with a time embedding, then attention over all pixels."""
    shape = [1, channels, side, side]
    conv = {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1]}
    y = silu(b, group_norm(b, x, shape))
    y = b.op("Conv", y, b.weight(channels, channels, 3, 3), b.weight(channels), **conv)
    t = linear(b, silu(b, time), 32, channels)
    t = b.op("Unsqueeze", b.op("Unsqueeze", t, b.const([2])), b.const([3]))
    y = silu(b, group_norm(b, b.op("Add", y, t), shape))
    y = b.op("Conv", y, b.weight(channels, channels, 3, 3), b.weight(channels), **conv)
    x = b.op("Add", x, y)
    y = b.op("Reshape", group_norm(b, x, shape), b.const([1, channels, -1]))
    y = b.op("Transpose", y, perm=[0, 2, 1])
    y = transformer_block(b, y, side * side, channels)
    y = b.op("Reshape", b.op("Transpose", y, perm=[0, 2, 1]), b.const(shape))
    return b.op("Add", x, y)


def unet(blocks: int, channels: int = 16, side: int = 8) -> onnx.ModelProto:
    b = Builder(opset=16)
    x = b.input("x", [1, channels, side, side])
    time = b.input("t", [1, 32])
    for _ in range(blocks):
        x = unet_block(b, x, time, channels, side)
    return b.model(x)
