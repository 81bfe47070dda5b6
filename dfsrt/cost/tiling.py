"""Tiling: how often each operand crosses from DRAM when the buffer cannot hold it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from dfsrt.network.layer import Gemm, Layer
from dfsrt.network.tensor import Tensor


@dataclass(frozen=True, slots=True)
class Tiling:
    """A layer's tiles and what they cost: ``stays`` names the operand that is held on chip.

    ``m``, ``k``, ``n`` are the tile of the layer's first product (0 where it has none);
    ``a_fetches`` and ``b_fetches`` say how often the products' operands are read from DRAM, and
    ``step_fetches`` how often those of products that run step after step. Side inputs of a layer
    are read once whatever the tiles.
    """

    stays: str
    m: int
    k: int
    n: int
    a_fetches: int
    b_fetches: int
    step_fetches: int = 1


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
    one's ``a`` against the ``b`` of all. Products that run step after step (the states of a
    recurrent layer) are a loop of their own: what they multiply by stays from step to step where
    that of one product fits in half of the buffer, else all of it is read again in every step.

    Source: assumed; the classic two-loop blocking.
    Limits: k is never split, so partial sums do not leave the chip, nor does what one product of a
    layer hands to the next; side inputs take no room in the buffer. Two directions of a recurrent
    layer take turns in it; no part of what does not fit is kept.
    """

    def tile(self, layer: Layer, buffer_bytes: int) -> Tiling:
        """Return the tiling with the least traffic; on a tie the weights stay."""
        half = max(buffer_bytes // 2, 1)
        again = _step_fetches(layer, half)
        gemm = next((g for g in layer.gemms if g.steps == 1), None)
        if gemm is None:
            return Tiling("all", 0, 0, 0, 1, 1, again)
        shares = [operand_bytes(layer, tensor) for tensor in layer.multiplied]
        streamed, held = sum(a for a, _ in shares), sum(b for _, b in shares)
        pieces_held = -(-max(held // gemm.count, 1) // half)
        pieces_streamed = -(-max(streamed // gemm.count, 1) // half)
        weights_stay = streamed * pieces_held + held
        inputs_stay = streamed + held * pieces_streamed
        if weights_stay <= inputs_stay:
            n = -(-gemm.n // pieces_held)
            return Tiling("weights", gemm.m, gemm.k, n, pieces_held, 1, again)
        m = -(-gemm.m // pieces_streamed)
        return Tiling("inputs", m, gemm.k, gemm.n, 1, pieces_streamed, again)


def _step_fetches(layer: Layer, half: int) -> int:
    """How often the operands of products in steps are read: once if those of one product fit."""
    needed = sum(
        t.touched_bytes // g.count
        for t in layer.multiplied
        for g in [_stepped(layer, t)]
        if g is not None
    )
    return 1 if needed <= half else layer.steps


def _stepped(layer: Layer, tensor: Tensor) -> Gemm | None:
    """The first product in steps that multiplies by ``tensor``, if one does."""
    pairs = zip(layer.gemms, layer.operands, strict=True)
    return next((g for g, o in pairs if g.steps > 1 and tensor.name in (*o.a, *o.b)), None)


def fetched_bytes(layer: Layer, tensor: Tensor, tiling: Tiling) -> int:
    """Return the bytes of all fetches of a tensor; what no product multiplies is fetched once."""
    if _stepped(layer, tensor) is not None:
        return tensor.touched_bytes * tiling.step_fetches
    as_a, as_b = operand_bytes(layer, tensor)
    if tiling.a_fetches == tiling.b_fetches == 1 or as_a + as_b == 0:
        return tensor.touched_bytes
    return as_a * tiling.a_fetches + as_b * tiling.b_fetches


def operand_bytes(layer: Layer, tensor: Tensor) -> tuple[int, int]:
    """Return the bytes of ``tensor`` that products read as their ``a``, and as their ``b``.

    A tensor on one side counts in full. One on both (queries packed with keys, a matrix by itself)
    counts on each with what the products take of it there. A side input has none, nor has an
    operand of products that run step after step.
    """
    every = zip(layer.gemms, layer.operands, strict=True)
    pairs = [(g, o) for g, o in every if g.steps == 1]
    as_a = sum(g.m * g.k * g.count for g, o in pairs if tensor.name in o.a)
    as_b = sum(g.k * g.n * g.count for g, o in pairs if tensor.name in o.b)
    whole = tensor.touched_bytes
    if as_a and as_b:
        return min(as_a * tensor.bits // 8, whole), min(as_b * tensor.bits // 8, whole)
    return whole if as_a else 0, whole if as_b else 0
