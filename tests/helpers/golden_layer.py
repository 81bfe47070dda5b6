"""Layers of memory.md 2.4 as files, and a device that reproduces its definitions to the byte."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

PLAIN = """\
format = 1
base = "rk3588-npu"
name = "plain"
description = "nothing padded, one buffer, no lines kept"

[memory]
channel_pad = 1
double_buffer = false
line_buffer = {lines}
source.channel_pad = "assumed: as memory.md 2 has it"
source.double_buffer = "assumed: as memory.md 2 has it"
source.line_buffer = "assumed: as memory.md 2 has it"
"""


def write_device(folder, lines=False):
    """Write ``plain.toml``, whose memory is that of memory.md 2."""
    (folder / "plain.toml").write_text(PLAIN.format(lines=str(lines).lower()))


def write_conv(path, channels, size, kernels, kernel, stride=1, pad=0):
    """Write a network of one convolution without a bias."""
    out = (size + 2 * pad - kernel) // stride + 1
    weights = np.zeros((kernels, channels, kernel, kernel), np.float32)
    node = helper.make_node(
        "Conv", ["x", "w"], ["y"], name="conv", strides=[stride] * 2, pads=[pad] * 4
    )
    _write(path, node, weights, (1, channels, size, size), (1, kernels, out, out))


def write_product(path, m, k, n):
    """Write a network of one product of matrices, (m, k) by (k, n)."""
    node = helper.make_node("MatMul", ["x", "w"], ["y"], name="product")
    _write(path, node, np.zeros((k, n), np.float32), (m, k), (m, n))


def _write(path, node, weights, shape, made):
    float_ = TensorProto.FLOAT
    graph = helper.make_graph(
        [node],
        "one",
        [helper.make_tensor_value_info("x", float_, shape)],
        [helper.make_tensor_value_info("y", float_, made)],
        [numpy_helper.from_array(weights, "w")],
    )
    opset = helper.make_opsetid("", 17)
    onnx.save(helper.make_model(graph, opset_imports=[opset], ir_version=9), path)
