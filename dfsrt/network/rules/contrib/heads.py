"""onnxruntime's attention on queries, keys and values that are operands, apart or packed."""

from __future__ import annotations

from dataclasses import dataclass

from dfsrt.network.layer import Kind
from dfsrt.network.rules.attention import Heads, Sources
from dfsrt.network.rules.contrib.facts import Typed
from dfsrt.network.rules.contrib.operator import Operator, site_of
from dfsrt.network.rules.contrib.site import Site
from dfsrt.network.rules.work import Call, Work


@dataclass(frozen=True, slots=True)
class _Places:
    """Positions of the operands that differ from one of these operators to another."""

    bias: int
    past: int
    past_length: int
    masks: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Shape:
    """Sizes, rows in the cache before this run, and rows that the cache has room for."""

    heads: Heads
    kept: int
    room: int
    shared: bool


def _shape(site: Site, at: _Places) -> _Shape:
    query, count = site.shape(0, 3, 5), site.positive("num_heads")
    batch, length = query[:2]
    width, value_width = _widths(site, count)
    past, key = site.optional(at.past), site.optional(1)
    kept = room = past[1][2] if past is not None else 0
    own = length if key is None else key[1][2 if len(key[1]) == 4 else 1]
    shared = past is not None and bool(_given(site, at.past_length))
    if shared:
        value = site.value(at.past_length)
        kept = int(value.max()) if value is not None and value.size else max(room - own, 0)
    heads = Heads(batch, count, length, kept + own, width // count, value_width // count)
    return _Shape(heads, kept, room if shared else kept + own, shared)


def _given(site: Site, index: int) -> bool:
    return site.optional(index) is not None


def _widths(site: Site, count: int) -> tuple[int, int]:
    """Widths of all heads' queries and values."""
    query, key, value = site.shape(0), site.optional(1), site.optional(2)
    if len(query) == 5:  # query, key and value packed as (batch, length, heads, 3, size)
        return query[2] * query[4], query[2] * query[4]
    if key is None:  # packed one after another
        return query[2] // 3, query[2] // 3
    if value is None:  # key and value packed as (batch, length, heads, 2, size)
        return query[2], key[1][2] * key[1][4]
    width = value[1][-1] if len(value[1]) == 3 else count * value[1][3]
    return query[2], width


def _multi_head(at: _Places) -> Operator:
    def types(site: Site) -> tuple[Typed, ...]:
        shape, element = _shape(site, at), site.element(0)
        heads = shape.heads
        cache = (heads.batch, heads.count, shape.room)
        return (
            (element, (heads.batch, heads.length, heads.count * heads.value_size)),
            (element, (*cache, heads.key_size)),
            (element, (*cache, heads.value_size)),
            (element, (heads.batch, heads.count, heads.length, heads.total)),
        )

    def work(call: Call) -> Work:
        site = site_of(call)
        shape = _shape(site, at)
        heads, row = shape.heads, shape.heads.batch * shape.heads.count
        key, value = site.optional(1), site.optional(2)
        # A key that is absent is packed with the query; an absent value, with the key.
        keys = 1 if key is not None else 0
        sources = Sources((0,), (at.past, keys), (at.past + 1, 2 if value is not None else keys))
        fresh = heads.total - shape.kept
        return Work(
            Kind.MATRIX,
            heads.gemms,
            sources.operands(call),
            vector_ops=heads.softmax_ops(sum(_given(site, mask) for mask in at.masks)),
            touched={
                at.past: shape.kept * row * heads.key_size,
                at.past + 1: shape.kept * row * heads.value_size,
            },
            appended={1: fresh * row * heads.key_size, 2: fresh * row * heads.value_size},
        )

    return Operator(types, work)


def _unpadded(site: Site) -> tuple[Typed, ...]:
    """All sequences' tokens, one after another; packed as (tokens, heads, 3, size) or apart."""
    element, query = site.operand(0)
    value = site.optional(2)
    width = query[1] * query[3] if len(query) == 4 else site.shape(0, 2)[1]
    return ((element, (query[0], value[1][1] if value is not None else width)),)


def _unpadded_work(call: Call) -> Work:
    """Limits: each sequence is counted as long as the longest."""
    site = site_of(call)
    batch, length = site.shape(4, 2)
    query, count = site.shape(0, 2, 4), site.positive("num_heads")
    size = query[3] if len(query) == 4 else query[1] // count
    heads = Heads(batch, count, length, length, size, call.output.shape[1] // count)
    keys, values = (0, 0) if call.optional(1) is None else (1, 2)
    return Work(
        Kind.MATRIX,
        heads.gemms,
        Sources((0,), (keys,), (values,)).operands(call),
        vector_ops=heads.softmax_ops(int(call.optional(6) is not None)),
        settings=frozenset({4, 5}),
    )


HEADS: dict[str, Operator] = {
    "DecoderMaskedMultiHeadAttention": _multi_head(_Places(10, 5, 7, (3, 4))),
    "MultiHeadAttention": _multi_head(_Places(3, 6, 8, (5,))),
    "PackedMultiHeadAttention": Operator(_unpadded, _unpadded_work),
}
