"""Rules: what each operator does to the channels that it reads; what has no rule keeps them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from dfsrt.network.graph import Node
from dfsrt.optimize.channels import elementwise, movement, norms, picking, products, sizing
from dfsrt.optimize.channels.labels import Axes
from dfsrt.optimize.channels.regroup import regroup
from dfsrt.optimize.channels.walk import Walk

Rule = Callable[[Walk, Node], list[Axes]]
"""Joins and pins what a node reads, and returns the axes of what it makes."""

_POOLS = ("AveragePool", "GlobalAveragePool", "GlobalLpPool", "GlobalMaxPool", "LpPool", "MaxPool")
_REDUCTIONS = ("L1", "L2", "LogSum", "LogSumExp", "Max", "Mean", "Min", "Prod", "Sum", "SumSquare")

RULES: Mapping[str, Rule] = {
    **dict.fromkeys(elementwise.UNARY, elementwise.unary),
    **dict.fromkeys(elementwise.BROADCAST, elementwise.broadcast),
    **dict.fromkeys(_POOLS, norms.pool),
    **dict.fromkeys((f"Reduce{name}" for name in _REDUCTIONS), norms.reduce),
    **dict.fromkeys(("ArgMax", "ArgMin"), norms.arg_reduce),
    **dict.fromkeys(("Flatten", "Squeeze", "Unsqueeze"), regroup),
    **dict.fromkeys(("QuantizeLinear", "DequantizeLinear"), elementwise.quantize),
    **dict.fromkeys(("LogSoftmax", "Softmax", "Hardmax"), norms.softmax),
    **dict.fromkeys(("LayerNormalization", "RMSNormalization"), norms.layer_norm),
    **dict.fromkeys(("Resize", "Upsample"), sizing.resize),
    **dict.fromkeys(("GRU", "LSTM", "RNN"), products.recurrent),
    "BatchNormalization": norms.batch_norm,
    "Concat": movement.concat,
    "ConstantOfShape": sizing.filled,
    "Conv": products.conv,
    "ConvTranspose": products.conv_transpose,
    "CumSum": norms.running,
    "DepthToSpace": sizing.depth_to_space,
    "Expand": sizing.expand,
    "Gather": picking.gather,
    "Gemm": products.gemm,
    "GroupNormalization": norms.group_norm,
    "InstanceNormalization": norms.instance_norm,
    "LRN": norms.local_response,
    "MatMul": products.matmul,
    "Pad": sizing.pad,
    "Reshape": movement.reshape,
    "Slice": picking.slice_,
    "SpaceToDepth": sizing.space_to_depth,
    "Split": picking.split,
    "Tile": sizing.tile,
    "Transpose": movement.transpose,
}

ONNXRUNTIME: Mapping[str, Rule] = {
    **dict.fromkeys(("FastGelu", "BiasGelu"), elementwise.broadcast),
    **dict.fromkeys(("Gelu", "QuickGelu"), elementwise.unary),
    **dict.fromkeys(("QuantizeLinear", "DequantizeLinear"), elementwise.quantize),
}
"""Those of onnxruntime's own operators (``com.microsoft``)."""


def rule_of(node: Node) -> Rule | None:
    """Return the rule of a node's operator; None where none is known."""
    tables: Mapping[str, Mapping[str, Rule]] = {"": RULES, "com.microsoft": ONNXRUNTIME}
    return tables.get(node.domain, {}).get(node.op)
