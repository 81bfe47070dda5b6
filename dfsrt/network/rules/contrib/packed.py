"""Weights whose numbers share bytes."""

from __future__ import annotations

from dfsrt.network.tensor import Tensor

Stored = tuple[tuple[int, ...], str]
"""Shape and element type of what bytes hold."""

_TYPES = {2: "uint2", 4: "uint4"}


def unpacked(tensor: Tensor, bits: int, rows: int) -> Stored:
    """Return what the bytes of ``tensor`` hold, in as many rows, by numbers of so many bits.

    Limits: numbers of 3, 5, 6 or 7 bits stay the bytes that they are stored in.
    """
    dtype = _TYPES.get(bits)
    if dtype is None or tensor.dtype not in ("uint8", "int8"):
        return tensor.shape, tensor.dtype
    count = tensor.elements * (8 // bits)
    return ((rows, count // rows) if rows > 0 and count % rows == 0 else (count,)), dtype
