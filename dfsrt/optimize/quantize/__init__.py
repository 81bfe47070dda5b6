"""Quantization: fewer bits for weights and maps, by onnxruntime's tools and in our own blocks."""

from dfsrt.optimize.quantize.int4 import Int4
from dfsrt.optimize.quantize.int8 import Int8
from dfsrt.optimize.quantize.mixed import Mixed
from dfsrt.optimize.quantize.pairs import W4A8, W8A16

__all__ = ["W4A8", "W8A16", "Int4", "Int8", "Mixed"]
