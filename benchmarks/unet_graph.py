"""A graph of UNet size: residual and attention blocks until there are enough nodes."""

from __future__ import annotations

import onnx
from onnx import TensorProto, helper


class _Builder:
    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self._count = 0

    def name(self) -> str:
        self._count += 1
        return f"t{self._count}"

    def op(self, kind: str, *inputs: str, **attributes: object) -> str:
        out = self.name()
        self.nodes.append(helper.make_node(kind, inputs, [out], f"n_{out}", **attributes))
        return out

    def weight(self, *shape: int) -> str:
        """A constant whose data lies in a file that is not there: only its shape matters."""
        name = self.name()
        tensor = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=shape)
        tensor.data_location = TensorProto.EXTERNAL
        tensor.external_data.add(key="location", value="weights.bin")
        self.constants.append(tensor)
        return name

    def ints(self, *values: int) -> str:
        name = self.name()
        self.constants.append(helper.make_tensor(name, TensorProto.INT64, [len(values)], values))
        return name


def unet_graph(nodes: int = 1_600, channels: int = 320, size: int = 64) -> onnx.ModelProto:
    """Return a model with at least ``nodes`` nodes, in PyTorch's exported idiom."""
    b = _Builder()
    x = "latent"
    while len(b.nodes) < nodes:
        x = _residual_block(b, x, channels, size)
        x = _attention_block(b, x, channels, size)
    shape = [1, channels, size, size]
    graph = helper.make_graph(
        b.nodes,
        "unet",
        [helper.make_tensor_value_info("latent", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info(x, TensorProto.FLOAT, shape)],
        b.constants,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def _group_norm(b: _Builder, x: str, channels: int, size: int) -> str:
    groups = b.op("Reshape", x, b.ints(0, 32, -1))
    norm = b.op("InstanceNormalization", groups, b.weight(32), b.weight(32), epsilon=1e-5)
    back = b.op("Reshape", norm, b.ints(1, channels, size, size))
    scaled = b.op("Mul", back, b.weight(channels, 1, 1))
    return b.op("Add", scaled, b.weight(channels, 1, 1))


def _silu(b: _Builder, x: str) -> str:
    return b.op("Mul", x, b.op("Sigmoid", x))


def _conv(b: _Builder, x: str, channels: int, kernel: int) -> str:
    weight, bias = b.weight(channels, channels, kernel, kernel), b.weight(channels)
    pad = kernel // 2
    return b.op("Conv", x, weight, bias, kernel_shape=[kernel] * 2, pads=[pad] * 4)


def _residual_block(b: _Builder, x: str, channels: int, size: int) -> str:
    y = _conv(b, _silu(b, _group_norm(b, x, channels, size)), channels, 3)
    y = _conv(b, _silu(b, _group_norm(b, y, channels, size)), channels, 3)
    return b.op("Add", x, y)


def _linear(b: _Builder, x: str, rows: int, cols: int) -> str:
    return b.op("Add", b.op("MatMul", x, b.weight(rows, cols)), b.weight(cols))


def _heads(b: _Builder, x: str, channels: int, perm: list[int]) -> str:
    split = b.op("Reshape", x, b.ints(1, -1, channels // 64, 64))
    return b.op("Transpose", split, perm=perm)


def _attention_block(b: _Builder, x: str, channels: int, size: int) -> str:
    tokens = b.op("Transpose", b.op("Reshape", x, b.ints(1, channels, -1)), perm=[0, 2, 1])
    normed = b.op("LayerNormalization", tokens, b.weight(channels), b.weight(channels))
    query, key, value = (
        _heads(b, _linear(b, normed, channels, channels), channels, perm)
        for perm in ([0, 2, 1, 3], [0, 2, 3, 1], [0, 2, 1, 3])
    )
    scores = b.op("Softmax", b.op("MatMul", query, key), axis=-1)
    mixed = b.op("Transpose", b.op("MatMul", scores, value), perm=[0, 2, 1, 3])
    merged = b.op("Reshape", mixed, b.ints(1, -1, channels))
    tokens = b.op("Add", tokens, _linear(b, merged, channels, channels))
    gate = _linear(b, tokens, channels, 4 * channels)
    erf = b.op("Erf", b.op("Div", gate, b.weight(1)))
    gelu = b.op("Mul", gate, b.op("Add", erf, b.weight(1)))
    tokens = b.op("Add", tokens, _linear(b, gelu, 4 * channels, channels))
    image = b.op("Transpose", tokens, perm=[0, 2, 1])
    return b.op("Add", x, b.op("Reshape", image, b.ints(1, channels, size, size)))
