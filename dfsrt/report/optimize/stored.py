"""Bytes of a network's constants in the smallest coding without loss, and how they lie."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from dfsrt.network import Network
from dfsrt.network.coding import least_coded
from dfsrt.network.layer import Layer
from dfsrt.network.packing import Packing
from dfsrt.network.tensor import INDEX_TYPES, Tensor

FEW = 0.01
"""Share of zero blocks below which nobody calls it a pattern."""


def stored_bytes(network: Network) -> int:
    """Return the bytes of all constants, each in its smallest coding, one that layers share once.

    Limits: each constant by itself; entropy coding on top (Huffman, zip) is not counted.
    """
    return smallest(t for layer in network.layers for t in layer.weights)


def smallest(tensors: Iterable[Tensor]) -> int:
    """Return the bytes of constants in their smallest codings, each stored one once."""
    stored: dict[str, int] = {}
    for tensor in tensors:
        size = least_coded(replace(tensor, coded_bytes=None))[1]
        stored[tensor.stored_as] = max(stored.get(tensor.stored_as, 0), size)
    return sum(stored.values())


def largest_weight(layer: Layer) -> Tensor | None:
    """Return the largest real-valued constant of a layer, None without one."""
    real = [t for t in layer.weights if t.dtype not in INDEX_TYPES]
    return max(real, key=lambda t: t.elements, default=None)


def pattern_text(packing: Packing | None) -> str:
    """Return how zeros lie and values are shared; empty where nothing is to be said."""
    if packing is None:
        return ""
    parts = [
        f"{packing.kept}:{packing.group}" if packing.group else "",
        f"blocks of {packing.blocks}" if packing.blocks > 1 and packing.zero_blocks >= FEW else "",
        f"{packing.values} values" if packing.values else "",
    ]
    return ", ".join(part for part in parts if part)
