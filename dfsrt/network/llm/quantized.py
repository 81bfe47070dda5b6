"""Weights of a language model in few bits: products, and the table of words."""

from __future__ import annotations

from dataclasses import dataclass

from onnx import TensorProto

from dfsrt.network.kit.builder import Builder
from dfsrt.network.kit.parts import reshape
from dfsrt.network.rules.contrib.domains import ONNXRUNTIME

ROWS_IN_INT8 = 4
"""``accuracy_level`` of a MatMulNBits whose rows are quantized, too."""


@dataclass(frozen=True, slots=True)
class Coded:
    """Weights of ``bits`` in blocks of ``block`` along a column, each with a scale in fp16.

    ``rows`` is what the data are multiplied in: int8, or as they come.
    """

    bits: int
    block: int
    rows: str

    def blocks(self, rows: int) -> int:
        """Return the blocks of a column, the last one filled up."""
        return -(-rows // self.block)

    @property
    def block_bytes(self) -> int:
        """Bytes of a block, its scale aside."""
        return self.block * self.bits // 8


def coded_weight(b: Builder, name: str, rows: int, columns: int, coded: Coded) -> tuple[str, str]:
    """Add a weight of ``rows`` by ``columns`` as MatMulNBits takes it; return it and its scales."""
    blocks = coded.blocks(rows)
    weight = b.weight(
        f"{name}.weight", (columns, blocks, coded.block_bytes), element=TensorProto.UINT8
    )
    return weight, b.weight(f"{name}.scales", (columns, blocks), 1 / rows)


def product(
    b: Builder, x: str, name: str, sizes: tuple[int, int], coded: Coded, bias: bool = False
) -> str:
    """Add a product of ``x`` by a weight of (rows, columns), and a bias."""
    weight = coded_weight(b, name, *sizes, coded)
    made = multiply(b, x, f"{name}.matmul" if bias else name, weight, sizes, coded)
    if not bias:
        return made
    return b.node("Add", [made, b.weight(f"{name}.bias", (sizes[1],))], name)


def multiply(
    b: Builder, x: str, name: str, weight: tuple[str, str], sizes: tuple[int, int], coded: Coded
) -> str:
    """Add a product of ``x`` by a ``weight`` and its scales that are there."""
    level = {"accuracy_level": ROWS_IN_INT8} if coded.rows == "int8" else {}
    return b.node(
        "MatMulNBits", [x, *weight], name, ONNXRUNTIME,
        K=sizes[0], N=sizes[1], bits=coded.bits, block_size=coded.block, **level,
    )  # fmt: skip


def look_up(
    b: Builder, ids: str, table: tuple[str, str], sizes: tuple[int, int], coded: Coded
) -> str:
    """Add a look-up of words, of ``sizes`` (words, width), in a weight of the output head's form.

    A row of the table is a column of that weight.
    """
    words, width = sizes
    rows = reshape(b, table[0], "words.rows", [words, width * coded.bits // 8])
    return b.node(
        "GatherBlockQuantized", [rows, ids, table[1]], "words", ONNXRUNTIME,
        bits=coded.bits, block_size=coded.block, gather_axis=0, quantize_axis=1,
    )  # fmt: skip
