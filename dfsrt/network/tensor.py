"""A tensor as the cost model sees it: a name, a shape and a precision."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from dfsrt.network.packing import Packing

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

INDEX_TYPES = {"int64", "uint64", "int32", "uint32", "bool", *HOST_TYPES}
"""Element types of indices, sums, conditions and what is left out; all others are real numbers, or
stand for them."""

PRECISION_OF = {
    "float64": "fp64",
    "float32": "fp32",
    "float16": "fp16",
    "bfloat16": "bf16",
    "int16": "int16",
    "uint16": "int16",
    "float8e4m3fn": "fp8",
    "float8e4m3fnuz": "fp8",
    "float8e5m2": "fp8",
    "float8e5m2fnuz": "fp8",
    "float8e8m0": "fp8",
    "int8": "int8",
    "uint8": "int8",
    "float4e2m1": "fp4",
    "int4": "int4",
    "uint4": "int4",
    "int2": "int2",
    "uint2": "int2",
}
"""Precision of each real-valued element type, wide ones first, of one width floats first."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """A named array; precision and packing are facts of the tensor, not of the device.

    ``touched`` is how many elements one layer really reads or writes, where that is not all of
    them (the rows of an embedding table); ``None`` means all. ``origin`` names the stored constant
    that this one is another view or the decoded form of, and ``side_bytes`` are the scales and zero
    points stored beside its elements. ``packing`` is what its values allow, None where none says.
    ``coded_bytes`` are those of the whole tensor as a device's decoder reads it, scales and indices
    included; None where it lies there element by element.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    touched: int | None = None
    origin: str = ""
    side_bytes: int = 0
    packing: Packing | None = None
    coded_bytes: int | None = None

    @property
    def stored_as(self) -> str:
        """Name under which its elements are stored, the same for all views of one constant."""
        return self.origin or self.name

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
        """Bytes of the whole tensor, rounded up (int4 packs two to a byte), with its scales."""
        if self.coded_bytes is not None:
            return self.coded_bytes
        return -(-self.elements * self.bits // 8) + self.side_bytes

    @property
    def without_sides(self) -> Tensor:
        """The same elements, whose scales and zero points lie elsewhere."""
        coded = None if self.coded_bytes is None else self.coded_bytes - self.side_bytes
        return replace(self, side_bytes=0, coded_bytes=coded)

    @property
    def touched_bytes(self) -> int:
        """Bytes that the layer moves when it uses this tensor once."""
        if self.touched is None or self.touched == self.elements:
            return self.bytes
        if self.coded_bytes is not None:
            return -(-self.touched * self.coded_bytes // max(self.elements, 1))
        sides = self.touched * self.side_bytes // max(self.elements, 1)
        return -(-self.touched * self.bits // 8) + sides
