"""Cycles out of profiles of layers: the rows of products, with the names they may stand under."""

from __future__ import annotations

from pathlib import Path

from dfsrt.base.errors import InputError
from dfsrt.cost.cycles.report import Row, read_bytes
from dfsrt.cost.tool_names import multiplies, other_names
from dfsrt.recording.layer_times import LayerTime, read_layer_times


def product_rows(kind: str, path: Path) -> tuple[list[Row], bytes]:
    """Return a row for each layer with products and cycles of its own, and the file's bytes.

    Raises:
        InputError: no such profile, or one without cycles.
    """
    data = read_bytes(path)
    layers = read_layer_times(f"{kind}:{path}").rows
    rows = [
        Row(layer.name, layer.cycles, other_names(kind, layer.name))
        for layer in layers
        if _is_product(layer) and layer.cycles
    ]
    if not rows:
        raise InputError(
            f"'{path}' has no cycles of layers with products, none of {len(layers)} rows; give a "
            "profile that the compiler has counted cycles in"
        )
    return rows, data


def _is_product(layer: LayerTime) -> bool:
    """Whether the array's own work is in it: not that of a CPU, nor of what was split from it."""
    return layer.target in ("", "npu") and layer.macs != 0 and multiplies(layer.op)
