"""Images in blocks, as onnxruntime keeps them for a processor's vectors, counted without fill.

A blocked convolution has filters of zeros, so that its channels fill whole blocks. No NPU would
take them over: what is counted is the convolution that the file was made from.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import onnx

from dfsrt.network.graph import Graph, Node
from dfsrt.network.rules.contrib.domains import BLOCKED, WIDEST_BLOCK

BLOCKS = (WIDEST_BLOCK, WIDEST_BLOCK // 2)
"""Channels of a block: as many numbers as a vector register of a processor holds."""
BYTES = 4
"""Bytes of a number in a block: there are none but of fp32."""


def without_blocks(graph: Graph, proto: onnx.GraphProto) -> list[str]:
    """Give filters and biases of blocked convolutions the channels they have without fill.

    Returns what reports say of it, if there are any.

    Limits: filters whose data is not in the file keep the fill; a real filter of zeros at the
    very end of its layer is taken for fill.
    """
    blocked = [n for n in graph.nodes if n.domain == BLOCKED and n.op == "Conv"]
    if not blocked:
        return []
    tensors = {t.name: t for t in proto.initializer}
    block = _block(blocked, graph)
    for node in blocked:
        if node.attribute("group", 1) == 1 and len(node.inputs) > 1:
            _cut(node, graph, tensors, block)
    return [
        f"{len(blocked)} convolutions are in blocks for a processor's vectors: counted without "
        "fill and without putting images into blocks"
    ]


def _block(blocked: list[Node], graph: Graph) -> int:
    counts = [graph.constants[n.inputs[1]].shape[0] for n in blocked if _weight(n, graph)]
    return next((b for b in BLOCKS if all(count % b == 0 for count in counts)), BLOCKS[-1])


def _weight(node: Node, graph: Graph) -> bool:
    name = node.inputs[1] if len(node.inputs) > 1 else ""
    return name in graph.constants and len(graph.constants[name].shape) == 4


def _cut(node: Node, graph: Graph, tensors: Mapping[str, onnx.TensorProto], block: int) -> None:
    if not _weight(node, graph) or node.inputs[1] not in tensors:
        return
    weight = graph.constants[node.inputs[1]]
    count = filters(tensors[node.inputs[1]], weight.shape, block)
    shapes = {node.inputs[1]: (count, *weight.shape[1:])}
    if len(node.inputs) > 2 and node.inputs[2] in graph.constants:
        shapes[node.inputs[2]] = (count,)
    for name, shape in shapes.items():
        if shape != graph.constants[name].shape:
            graph.constants[name] = replace(graph.constants[name], shape=shape, value=None)


def filters(tensor: onnx.TensorProto, shape: tuple[int, ...], block: int) -> int:
    """Return how many filters of a blocked weight are no fill; all where its data says nothing."""
    size = math.prod(shape[1:]) * block * BYTES
    if tensor.data_type != onnx.TensorProto.FLOAT or shape[0] % block or not size:
        return shape[0]
    if len(tensor.raw_data) < size:  # of a file that was read without its weights the end is there
        return shape[0]
    values = np.frombuffer(tensor.raw_data[-size:], "<f4").reshape(-1, block)
    used = np.flatnonzero(values.any(axis=0))  # channels of a block lie side by side
    return shape[0] - block + int(used[-1]) + 1 if used.size else shape[0]
