"""Tiling: how often each operand crosses from DRAM when the buffer cannot hold it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from dfsrt.network.layer import Layer


@dataclass(frozen=True, slots=True)
class Tiling:
    """A layer's tiles and what they cost: ``stays`` names the operand that is held on chip.

    ``m``, ``k``, ``n`` are the tile of the layer's first product (0 where it has none);
    ``input_fetches`` and ``weight_fetches`` say how often those operands are read from DRAM.
    """

    stays: str
    m: int
    k: int
    n: int
    input_fetches: int
    weight_fetches: int


class TilingPolicy(Protocol):
    """Chooses a layer's tiles for a buffer."""

    def tile(self, layer: Layer, buffer_bytes: int) -> Tiling:
        """Return the tiling of ``layer`` in ``buffer_bytes`` of on-chip memory."""
        ...


@dataclass(frozen=True, slots=True)
class HalfBuffer:
    """Hold one operand in half of the buffer, in pieces; stream the other through the rest.

    For each layer the cheaper of the two choices is taken. When either operand fits in its
    half, both are read once.

    Source: assumed; the classic two-loop blocking.
    Limits: k is never split, so partial sums do not leave the chip.
    """

    def tile(self, layer: Layer, buffer_bytes: int) -> Tiling:
        """Return the tiling with the least traffic; on a tie the weights stay."""
        if not layer.gemms:
            return Tiling("all", 0, 0, 0, 1, 1)
        gemm, half = layer.gemms[0], max(buffer_bytes // 2, 1)
        streamed, held = _operand_bytes(layer)
        pieces_held = -(-max(held // gemm.count, 1) // half)
        pieces_streamed = -(-max(streamed // gemm.count, 1) // half)
        weights_stay = streamed * pieces_held + held
        inputs_stay = streamed + held * pieces_streamed
        if weights_stay <= inputs_stay:
            n = -(-gemm.n // pieces_held)
            return Tiling("weights", gemm.m, gemm.k, n, pieces_held, 1)
        return Tiling("inputs", -(-gemm.m // pieces_streamed), gemm.k, gemm.n, 1, pieces_streamed)


def _operand_bytes(layer: Layer) -> tuple[int, int]:
    """Return bytes of the streamed operand and of the one laid on the array.

    A product of two run-time tensors (attention) holds its second one as if it were weights.
    """
    first = layer.inputs[0].touched_bytes if layer.inputs else 0
    second = sum(t.touched_bytes for t in layer.weights)
    if not layer.weights:
        second = sum(t.touched_bytes for t in layer.inputs[1:])
    return first, second
