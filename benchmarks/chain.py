"""A chain of short convolutions: 13 us a layer on rk3588-npu-ideal; its rail moves for 133 us."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import TensorProto, helper


def chain(layers: int) -> onnx.ModelProto:
    """Convolutions of 1 x 1 and 3 x 3 over 16 to 64 channels of 56 x 56 pixels, one another's."""
    rng = np.random.default_rng(0)
    nodes, weights, channels, name = [], [], 16, "x"
    for layer in range(layers):
        kernel, out = int(rng.choice([1, 3])), int(rng.choice([16, 32, 64]))
        zeros = np.zeros(out * channels * kernel**2, dtype=np.float32).tobytes()
        shape = [out, channels, kernel, kernel]
        weights.append(helper.make_tensor(f"w{layer}", TensorProto.FLOAT, shape, zeros, raw=True))
        given, name, channels = [name, f"w{layer}"], f"y{layer}", out
        pads = [kernel // 2] * 4
        shapes = {"kernel_shape": [kernel, kernel], "pads": pads}
        nodes.append(helper.make_node("Conv", given, [name], **shapes))
    first = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 16, 56, 56])
    last = helper.make_tensor_value_info(name, TensorProto.FLOAT, None)
    graph = helper.make_graph(nodes, "chain", [first], [last], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 9
    return model
