"""A tensor as the cost model sees it: a name, a shape and a precision."""

from __future__ import annotations

import math
from dataclasses import dataclass

BITS = {
    "float64": 64,
    "float32": 32,
    "float16": 16,
    "bfloat16": 16,
    "float8e4m3fn": 8,
    "float8e4m3fnuz": 8,
    "float8e5m2": 8,
    "float8e5m2fnuz": 8,
    "float8e8m0": 8,
    "float4e2m1": 4,
    "int64": 64,
    "int32": 32,
    "int16": 16,
    "int8": 8,
    "int4": 4,
    "int2": 2,
    "uint64": 64,
    "uint32": 32,
    "uint16": 16,
    "uint8": 8,
    "uint4": 4,
    "uint2": 2,
    "bool": 8,
    "complex64": 64,
    "complex128": 128,
    "string": 0,  # nobody knows how long
}
"""Bits an element takes in memory, by ONNX element type (lower case)."""

HOST_TYPES = frozenset({"complex64", "complex128", "string"})
"""Element types that no NPU computes with: a network may have them where their work is left out."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """A named array; precision and sparsity are facts of the tensor, not of the device.

    ``touched`` is how many elements one layer really reads or writes, where that is not all of
    them (the rows of an embedding table); ``None`` means all.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    sparsity: float = 0.0
    touched: int | None = None

    @property
    def elements(self) -> int:
        """Elements in the whole tensor; a scalar has one."""
        return math.prod(self.shape)

    @property
    def bits(self) -> int:
        """Bits per element."""
        return BITS[self.dtype]

    @property
    def bytes(self) -> int:
        """Bytes of the whole tensor, rounded up (int4 packs two to a byte)."""
        return -(-self.elements * self.bits // 8)

    @property
    def touched_bytes(self) -> int:
        """Bytes that the layer moves when it uses this tensor once."""
        count = self.elements if self.touched is None else self.touched
        return -(-count * self.bits // 8)
