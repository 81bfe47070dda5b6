"""Weights in int8, each column with a scale: plain int8, in operators of the standard."""

from __future__ import annotations

from dataclasses import dataclass

from onnx import TensorProto

from dfsrt.network.kit.builder import Builder
from dfsrt.network.kit.parts import transpose
from dfsrt.network.llm.weight import Sizes, Weight


@dataclass(frozen=True, slots=True)
class Columns:
    """Weights in int8, each column, which lies as a row, with a scale.

    ``rows`` is what data are multiplied in: int8 by a scale that is known before, or fp16.
    """

    rows: str

    def weight(self, b: Builder, name: str, sizes: Sizes) -> Weight:
        """Add a weight of (rows, columns), that lies transposed."""
        rows, columns = sizes
        elements = b.weight(f"{name}.weight", (columns, rows), element=TensorProto.INT8)
        return Weight(elements, b.weight(f"{name}.scales", (columns,), 1 / rows), sizes)

    def multiply(self, b: Builder, x: str, name: str, weight: Weight) -> str:
        """Add a product of ``x`` by a weight."""
        if self.rows == "int8":
            x = self._quantized(b, x, name)
        decoded = _decoded(b, f"{name}.decoded", weight)
        return b.node("MatMul", [x, transpose(b, decoded, f"{name}.flip", [1, 0])], name)

    def look_up(self, b: Builder, ids: str, table: Weight) -> str:
        """Add a look-up of words, each a column of ``table``."""
        return b.node("Gather", [_decoded(b, "words.decoded", table), ids], "words")

    def _quantized(self, b: Builder, x: str, name: str) -> str:
        step = [
            b.weight(f"{name}.step", (), 1.0),
            b.weight(f"{name}.zero", (), 0, TensorProto.INT8),
        ]
        coded = b.node("QuantizeLinear", [x, *step], f"{name}.quantize")
        return b.node("DequantizeLinear", [coded, *step], f"{name}.dequantize")


def _decoded(b: Builder, name: str, weight: Weight) -> str:
    return b.node("DequantizeLinear", [weight.elements, weight.scales], name, axis=0)
