"""Weights of few bits in blocks, each with a scale: those of onnxruntime's MatMulNBits."""

from __future__ import annotations

from dataclasses import dataclass

from onnx import TensorProto

from dfsrt.network.kit.builder import Builder
from dfsrt.network.kit.parts import reshape
from dfsrt.network.llm.weight import Sizes, Weight
from dfsrt.network.rules.contrib.domains import ONNXRUNTIME

ROWS_IN_INT8 = 4
"""``accuracy_level`` of a MatMulNBits whose rows are quantized, too."""


@dataclass(frozen=True, slots=True)
class Blocks:
    """Weights of ``bits`` in blocks of ``block`` along a column.

    ``rows`` is what data are multiplied in: int8, or fp16, as they come.
    """

    bits: int
    block: int
    rows: str

    def weight(self, b: Builder, name: str, sizes: Sizes) -> Weight:
        """Add a weight of (rows, columns); a column is filled up to whole blocks."""
        rows, columns = sizes
        blocks = -(-rows // self.block)
        shape = (columns, blocks, self.block * self.bits // 8)
        elements = b.weight(f"{name}.weight", shape, element=TensorProto.UINT8)
        return Weight(elements, b.weight(f"{name}.scales", (columns, blocks), 1 / rows), sizes)

    def multiply(self, b: Builder, x: str, name: str, weight: Weight) -> str:
        """Add a product of ``x`` by a weight."""
        level = {"accuracy_level": ROWS_IN_INT8} if self.rows == "int8" else {}
        return b.node(
            "MatMulNBits", [x, weight.elements, weight.scales], name, ONNXRUNTIME,
            K=weight.sizes[0], N=weight.sizes[1], bits=self.bits, block_size=self.block, **level,
        )  # fmt: skip

    def look_up(self, b: Builder, ids: str, table: Weight) -> str:
        """Add a look-up of words, each a column of ``table``."""
        width, words = table.sizes
        rows = reshape(b, table.elements, "words.rows", [words, width * self.bits // 8])
        return b.node(
            "GatherBlockQuantized", [rows, ids, table.scales], "words", ONNXRUNTIME,
            bits=self.bits, block_size=self.block, gather_axis=0, quantize_axis=1,
        )  # fmt: skip
