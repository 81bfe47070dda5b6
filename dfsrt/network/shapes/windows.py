"""Windows of convolutions and pools: they fit into their operand, pads and all."""

from __future__ import annotations

from collections.abc import Mapping

import onnx

from dfsrt.base.errors import NetworkError
from dfsrt.network.graph import Node
from dfsrt.network.shapes.large_windows import POOLS
from dfsrt.network.shapes.pools import drop_padding_windows

NO_WINDOW = "makes nothing, as its"
"""How a note says that a window is larger than what it slides over."""
_WINDOWED = POOLS | {"Conv", "ConvInteger", "ConvTranspose", "DeformConv"}


def check_windows(
    node: Node, types: Mapping[str, onnx.TypeProto], made: Mapping[str, onnx.TypeProto]
) -> str | None:
    """Set sizes of pools right in place, and say of a window that fits in no place at all.

    Raises:
        NetworkError: it is larger than its operand, which no library runs.
    """
    if node.op not in _WINDOWED:
        return None
    data = types[node.inputs[0]]
    if node.op in POOLS and node.attribute("ceil_mode", 0):
        drop_padding_windows(node, data, made)
    shape = [dim.dim_value for dim in data.tensor_type.shape.dim]
    dims = (d for proto in made.values() for d in proto.tensor_type.shape.dim)
    least = min((d.dim_value for d in dims if d.HasField("dim_value")), default=1)
    if 0 in shape or least > 0:
        return None
    what = f"window does not fit into its operand of shape {shape}"
    if least < 0:
        raise NetworkError(
            f"node '{node.name}' ({node.op}): its {what}; check the file, and give larger --dim "
            "sizes"
        )
    return f"{node.op} '{node.name}' {NO_WINDOW} {what}: give larger --dim sizes"
