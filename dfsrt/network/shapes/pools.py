"""Pooling with ``ceil_mode``: windows that would start in the padding do not exist."""

from __future__ import annotations

from collections.abc import Mapping

import onnx

from dfsrt.network.graph import Node


def drop_padding_windows(
    node: Node, data: onnx.TypeProto, found: Mapping[str, onnx.TypeProto]
) -> None:
    """Correct the inferred output shapes in place.

    Source: torch and onnxruntime drop a last window that starts past the data and its leading
    pad; the ONNX text says so too, its shape inference for older operator sets does not.
    """
    if node.attribute("auto_pad", "NOTSET") != "NOTSET":
        return
    sizes = [dim.dim_value for dim in data.tensor_type.shape.dim[2:]]
    strides = node.per_axis("strides", len(sizes))
    pads = node.attribute("pads", ()) or (0,) * len(sizes)
    for proto in found.values():
        for axis, dim in enumerate(proto.tensor_type.shape.dim[2:]):
            if (
                dim.dim_value > 1
                and (dim.dim_value - 1) * strides[axis] >= sizes[axis] + pads[axis]
            ):
                dim.dim_value -= 1
