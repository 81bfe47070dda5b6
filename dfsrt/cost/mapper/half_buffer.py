"""Half buffer: one operand is held in half of the buffer, in pieces; the other streams through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from dfsrt.cost.traffic.buffer import Buffer
from dfsrt.cost.traffic.mapping import Fetches, Mapping, Tile
from dfsrt.cost.traffic.nest import LoopNest


@dataclass(frozen=True)
class HalfBuffer:
    """Hold one operand in half of the buffer, in pieces; stream the other through the rest.

    For each layer the cheaper of the two choices is taken. When either operand fits in its
    half, both are read once. Several products of a layer (attention) run as one loop: the inputs
    of all against the weights of all.

    Source: assumed; the classic two-loop blocking.
    Limits: channels are never split, so partial sums do not leave the chip; results take no room,
    and there are no halos. That is up to 8 % too few bytes for early wide layers, and up to 2.9
    times too many for others (memory.md 1.4). It is there so that old results can be had again.
    """

    name: ClassVar[str] = "half-buffer"

    def map(self, nests: Sequence[LoopNest], buffer: Buffer) -> tuple[Mapping, ...]:
        """Return the mappings with the least traffic; on a tie the weights stay."""
        if not nests:
            return ()
        half, groups = max(buffer.total_bytes // 2, 1), nests[0].groups
        streamed, held = sum(n.input.bytes for n in nests), sum(n.weight.bytes for n in nests)
        pieces_held = -(-max(held // groups, 1) // half)
        pieces_streamed = -(-max(streamed // groups, 1) // half)
        if streamed * pieces_held + held <= streamed + held * pieces_streamed:
            return tuple(_weights_stay(nest, pieces_held) for nest in nests)
        return tuple(_inputs_stay(nest, pieces_streamed) for nest in nests)


def _weights_stay(nest: LoopNest, pieces: int) -> Mapping:
    k = -(-nest.kernels // pieces)
    tile = Tile(nest.channels, k, nest.rows.size_out, nest.cols.size_out)
    return Mapping(tile, "kpqc", Fetches(pieces, 1, 1))


def _inputs_stay(nest: LoopNest, pieces: int) -> Mapping:
    p = -(-nest.rows.size_out // pieces)
    tile = Tile(nest.channels, nest.kernels, p, nest.cols.size_out)
    return Mapping(tile, "pqkc", Fetches(1, pieces, 1))
