"""Attention by blocks of queries, so that scores and probabilities need not leave the chip."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from dfsrt.cost.schedule.lifetimes import Map
from dfsrt.cost.schedule.rows import ALONG_LAST, POINTWISE
from dfsrt.cost.schedule.work import MemoryWork
from dfsrt.cost.traffic.nest import PARTIAL_BITS
from dfsrt.cost.traffic.nests import nests_of
from dfsrt.network.layer import Gemm, Kind, Layer
from dfsrt.network.tensor import Tensor

BLOCK_ROWS = 32
"""Queries of a block, at most, where keys and values stay: more would not save a byte."""
_SUM_BYTES = PARTIAL_BITS // 8


@dataclass(frozen=True, slots=True)
class Attention:
    """Layers ``first`` to ``last``: queries by keys, a softmax, its results by values.

    ``scores`` and ``mix`` are the two products, ``whole_bytes`` masks, biases and the like that
    stay while they run, ``mask_bits`` those of masks with a value for each score. So many heads in
    a row share keys (``keys_shared_by``), and values. With ``double`` what comes and goes takes its
    room twice: the next ones move meanwhile.
    """

    first: int
    last: int
    scores: Gemm
    mix: Gemm
    bits: int
    whole_bytes: int
    mask_bits: int
    keys_shared_by: int = 1
    values_shared_by: int = 1
    double: bool = False

    @property
    def held_bytes(self) -> int:
        """Keys and values of one head, and of the next where it has others."""
        keys = self.scores.k * (1 + (self.double and self.scores.count > self.keys_shared_by))
        values = self.mix.n * (1 + (self.double and self.mix.count > self.values_shared_by))
        return self.scores.n * (keys + values) * self.bits // 8

    def block_bytes(self, rows: int) -> int:
        """Bytes of a block of so many queries, beside keys and values of a head that stay."""
        ends = (self.scores.k + self.mix.n) * (1 + self.double)
        return self.whole_bytes + -(-rows * (self._scores_bits + ends * self.bits) // 8)

    def streamed_bytes(self, rows: int) -> int:
        """Bytes of a block while keys and values stream by, one after the other."""
        ends = self.scores.k * self.bits + self.mix.n * PARTIAL_BITS
        passing = max(self.scores.k, self.mix.n) * self.bits
        moving = (passing + rows * ends) * (1 + self.double)
        return self.whole_bytes + -(-(moving + rows * self._scores_bits) // 8)

    def online_bytes(self, rows: int) -> int:
        """Bytes of a block with the softmax built up: a score, the greatest and the sum a row."""
        row = self.scores.k * self.bits + self.mix.n * PARTIAL_BITS + self.mask_bits
        passing = (self.scores.k + self.mix.n) * self.bits
        moving = (passing + rows * row) * (1 + self.double)
        return self.whole_bytes + -(-(moving + rows * 3 * PARTIAL_BITS) // 8)

    @property
    def _scores_bits(self) -> int:
        return self.scores.n * (PARTIAL_BITS + self.mask_bits * (1 + self.double))


@dataclass(frozen=True, slots=True)
class Blocks:
    """How an attention runs: bytes on chip, and how often keys and values cross."""

    chip_bytes: int
    key_passes: int = 1
    value_passes: int = 1


def blocks_of(attention: Attention, buffer_bytes: int, online: bool) -> Blocks | None:
    """Return the blocks that fit and fetch the least; None where none does.

    Keys and values of a head stay if they fit beside one query; else they stream by once for each
    block of queries of each head, of heads that share them too. A block holds the scores of its
    queries, 4 bytes each while they are summed; with ``online`` none but the ones at work.

    Source: memory.md 4.4; Dao et al. 2022 (FlashAttention) for the softmax that is built up.
    """
    rows = attention.scores.m
    if attention.held_bytes + attention.block_bytes(1) <= buffer_bytes:
        block = _most_rows(attention.block_bytes, buffer_bytes - attention.held_bytes, BLOCK_ROWS)
        return Blocks(attention.held_bytes + attention.block_bytes(min(block, rows)))
    room = attention.online_bytes if online else attention.streamed_bytes
    block = _most_rows(room, buffer_bytes, rows)
    if not block:
        return None
    passes = -(-rows // block)
    keys, values = attention.keys_shared_by * passes, attention.values_shared_by * passes
    return Blocks(room(block), keys, values)


def _most_rows(room: Callable[[int], int], most_bytes: int, most: int) -> int:
    return bisect_right(range(1, most + 1), most_bytes, key=room)


def attention_at(work: MemoryWork, first: int, maps: Mapping[str, Map]) -> Attention | None:
    """Return the attention that begins with layer ``first``, None where none does.

    Limits: queries are on the left of the product, its layers follow each other, and what stands
    between its products is pointwise, or works along the keys.
    """
    scores = _product(work.layers[first])
    if scores is None or len(work.layers[first].outputs) != 1:
        return None
    sides, along = work.layers[first].side_inputs, False
    each, at = maps.get(work.layers[first].outputs[0].name), first
    while each is not None and len(each.readers) == 1 and not each.goes:
        after = next(i for i in range(at + 1, each.readers[0] + 1) if _runs(work.layers[i]))
        layer, mix = work.layers[after], _product(work.layers[after])
        if after != each.readers[0] or work.passes[after] != work.passes[first]:
            return None
        if mix is not None:
            fits = along and _follow(scores, mix) and set(layer.operands[0].a) <= each.names
            every = (*sides, *layer.side_inputs)
            return _attention(first, after, work, every) if fits else None
        if not _keeps_shape(layer, scores):
            return None
        along = along or layer.op in ALONG_LAST
        sides += tuple(t for t in layer.reads if t.name not in each.names)
        each, at = maps.get(layer.outputs[0].name), after
    return None


def _runs(layer: Layer) -> bool:
    return layer.kind is not Kind.VIEW


def _product(layer: Layer) -> Gemm | None:
    """Return the product of a layer that multiplies two tensors of run time, one a side."""
    if len(layer.gemms) != 1 or layer.gemms[0].steps > 1 or layer.window:
        return None
    names, operands = {t.name for t in layer.inputs}, layer.operands[0]
    own = len(operands.a) == len(operands.b) == 1 and names.issuperset(operands.a + operands.b)
    return layer.gemms[0] if own and operands.a != operands.b else None


def _follow(scores: Gemm, mix: Gemm) -> bool:
    return (mix.m, mix.k, mix.count) == (scores.m, scores.n, scores.count)


def _keeps_shape(layer: Layer, scores: Gemm) -> bool:
    alike = layer.op in POINTWISE or layer.op in ALONG_LAST
    pointwise = alike and POINTWISE.issuperset(layer.joined) and len(layer.outputs) == 1
    return pointwise and layer.outputs[0].elements == scores.m * scores.n * scores.count


def _attention(first: int, last: int, work: MemoryWork, sides: Sequence[Tensor]) -> Attention:
    scores, mix = work.layers[first].gemms[0], work.layers[last].gemms[0]
    every = scores.m * scores.n * scores.count
    multiplied = (*work.layers[first].multiplied, *work.layers[last].multiplied)
    return Attention(
        first,
        last,
        scores,
        mix,
        bits=max(t.bits for t in multiplied),
        whole_bytes=sum(t.touched_bytes for t in sides if t.elements < every),
        mask_bits=sum(t.bits for t in sides if t.elements >= every),
        keys_shared_by=nests_of(work.layers[first])[0].weight.shared_by,
        values_shared_by=nests_of(work.layers[last])[0].weight.shared_by,
        double=work.buffer.double,
    )
