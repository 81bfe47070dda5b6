"""Tiling: how often each operand crosses from DRAM when the buffer cannot hold it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from dfsrt.network.layer import Layer
from dfsrt.network.tensor import Tensor


@dataclass(frozen=True, slots=True)
class Tiling:
    """A layer's tiles and what they cost: ``stays`` names the operand that is held on chip.

    ``m``, ``k``, ``n`` are the tile of the layer's first product (0 where it has none);
    ``a_fetches`` and ``b_fetches`` say how often the products' operands are read from DRAM. Side
    inputs of a layer are read once whatever the tiles.
    """

    stays: str
    m: int
    k: int
    n: int
    a_fetches: int
    b_fetches: int


class TilingPolicy(Protocol):
    """Chooses a layer's tiles for a buffer."""

    def tile(self, layer: Layer, buffer_bytes: int) -> Tiling:
        """Return the tiling of ``layer`` in ``buffer_bytes`` of on-chip memory."""
        ...


@dataclass(frozen=True, slots=True)
class HalfBuffer:
    """Hold one operand in half of the buffer, in pieces; stream the other through the rest.

    For each layer the cheaper of the two choices is taken. When either operand fits in its
    half, both are read once. Several products of a layer (attention) run as one loop: the first
    one's ``a`` against the ``b`` of all.

    Source: assumed; the classic two-loop blocking.
    Limits: k is never split, so partial sums do not leave the chip, nor does what one product of a
    layer hands to the next; side inputs take no room in the buffer.
    """

    def tile(self, layer: Layer, buffer_bytes: int) -> Tiling:
        """Return the tiling with the least traffic; on a tie the weights stay."""
        if not layer.gemms:
            return Tiling("all", 0, 0, 0, 1, 1)
        gemm, half = layer.gemms[0], max(buffer_bytes // 2, 1)
        shares = [operand_bytes(layer, tensor) for tensor in layer.multiplied]
        streamed, held = sum(a for a, _ in shares), sum(b for _, b in shares)
        pieces_held = -(-max(held // gemm.count, 1) // half)
        pieces_streamed = -(-max(streamed // gemm.count, 1) // half)
        weights_stay = streamed * pieces_held + held
        inputs_stay = streamed + held * pieces_streamed
        if weights_stay <= inputs_stay:
            n = -(-gemm.n // pieces_held)
            return Tiling("weights", gemm.m, gemm.k, n, pieces_held, 1)
        return Tiling("inputs", -(-gemm.m // pieces_streamed), gemm.k, gemm.n, 1, pieces_streamed)


def operand_bytes(layer: Layer, tensor: Tensor) -> tuple[int, int]:
    """Return the bytes of ``tensor`` that products read as their ``a``, and as their ``b``.

    A tensor on one side counts in full. One on both (queries packed with keys, a matrix by itself)
    counts on each with what the products take of it there. A side input has none.
    """
    pairs = list(zip(layer.gemms, layer.operands, strict=True))
    as_a = sum(g.m * g.k * g.count for g, o in pairs if tensor.name in o.a)
    as_b = sum(g.k * g.n * g.count for g, o in pairs if tensor.name in o.b)
    whole = tensor.touched_bytes
    if as_a and as_b:
        return min(as_a * tensor.bits // 8, whole), min(as_b * tensor.bits // 8, whole)
    return whole if as_a else 0, whole if as_b else 0
