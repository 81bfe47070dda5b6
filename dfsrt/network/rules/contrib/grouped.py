"""Attention of groups of heads that share keys and values, kept in a cache that grows in place."""

from __future__ import annotations

from dataclasses import dataclass

from dfsrt.network.layer import Kind
from dfsrt.network.rules.attention import Heads, Sources
from dfsrt.network.rules.contrib.facts import Typed
from dfsrt.network.rules.contrib.operator import Operator, site_of
from dfsrt.network.rules.contrib.site import Site
from dfsrt.network.rules.lane_ops import SOFTCAP_OPS
from dfsrt.network.rules.work import Call, Work

ROTARY_OPS, NORM_OPS = 3, 4


@dataclass(frozen=True, slots=True)
class _Cache:
    """Rows of a cache: new ones, those read again, and those it has room for."""

    fresh: int
    read: int
    room: int
    groups: int
    size: int


def _shape(site: Site) -> tuple[Heads, _Cache]:
    """Sizes of a GroupQueryAttention.

    The rows that there are in all are a constant, or else as many as the cache can hold. Of a
    local window each row meets the last so many only.
    """
    batch, length, width = site.shape(0, 3)
    count, groups, size = _heads(site, width)
    fresh = length if site.optional(1) is None else site.shape(1, 3)[1]
    past = site.optional(3)
    kept = past[1][2] if past is not None else 0
    stated = site.value(6)
    total = int(stated.max()) if stated is not None and stated.size else 0
    room = max(kept, total) if total else _declared_room(site, kept, fresh)
    total = total or (room if past is not None else fresh)
    window = site.node.attribute("local_window_size", -1)
    seen = min(total, window) if window > 0 else total
    read = max(min(total, seen + length - 1) - fresh, 0)
    heads = Heads(batch, count, length, seen, size, size, count // groups)
    stored = past[1][3] if past is not None else size
    return heads, _Cache(min(fresh, total), read, room, groups, stored)


def _declared_room(site: Site, kept: int, fresh: int) -> int:
    """Rows of the cache after this run: as the file states them, or new ones behind the old."""
    names = site.node.outputs[1:2]
    stated = site.declared(names[0]) if names and names[0] else None
    return stated[1][2] if stated is not None and len(stated[1]) == 4 else kept + fresh


def _heads(site: Site, width: int) -> tuple[int, int, int]:
    """Query heads, groups that share keys, and the size of a head."""
    count, groups = site.positive("num_heads"), site.positive("kv_num_heads")
    parts = count if site.optional(1) is not None else count + 2 * groups
    if count % groups or width % parts:
        raise site.refuse(
            f"operand 0 of width {width} does not fit {count} heads in {groups} groups"
        )
    return count, groups, width // parts


def _grouped(site: Site) -> tuple[Typed, ...]:
    heads, cache = _shape(site)
    element = site.element(0)
    past = site.optional(3)
    stored = element if past is None else past[0]
    present = (stored, (heads.batch, cache.groups, cache.room, cache.size))
    out = (element, (heads.batch, heads.length, heads.count * heads.key_size))
    return out, present, present, (element, (heads.batch, heads.count, heads.length, heads.total))


def _grouped_work(call: Call) -> Work:
    heads, cache = _shape(site_of(call))
    row = heads.batch * cache.groups * cache.size
    keys, values = (0, 0) if call.optional(1) is None else (1, 2)
    angles = {7: _angles(call, heads, 7), 8: _angles(call, heads, 8)}
    return Work(
        Kind.MATRIX,
        heads.gemms,
        Sources((0,), (3, keys), (4, values)).operands(call),
        vector_ops=heads.softmax_ops(_score_ops(call, 10)) + _row_ops(call, heads, cache, (14, 15)),
        touched={3: cache.read * row, 4: cache.read * row, **angles},
        settings=frozenset({5, 6, 16}),
        appended={1: cache.fresh * row, 2: cache.fresh * row},
    )


def _score_ops(call: Call, bias: int) -> int:
    """Lane operations on each score besides scaling and softmax."""
    capped = call.node.attribute("softcap", 0.0) > 0
    return (call.optional(bias) is not None) + SOFTCAP_OPS * capped


def _row_ops(call: Call, heads: Heads, cache: _Cache, norms: tuple[int, int]) -> int:
    """Lane operations on new queries and keys: their norms, and their rotation by position."""
    queries = heads.batch * heads.length * heads.count * heads.key_size
    keys = heads.batch * cache.fresh * cache.groups * heads.key_size
    turned = ROTARY_OPS * bool(call.node.attribute("do_rotary", 0))
    normed = [NORM_OPS * (call.optional(index) is not None) for index in norms]
    return queries * (turned + normed[0]) + keys * (turned + normed[1])


def _angles(call: Call, heads: Heads, index: int) -> int:
    """Elements of a table of angles that the positions of this run pick."""
    table = call.optional(index)
    if table is None or not table.shape:
        return 0
    return min(table.elements, heads.batch * heads.length * table.shape[-1])


def _paged_shape(site: Site) -> tuple[Heads, _Cache]:
    """Limits: each sequence is counted as long as its table of blocks allows."""
    tokens, width = site.shape(0, 2)
    count, groups, size = _heads(site, width)
    _, block, _, stored = site.shape(3, 4)
    sequences, blocks = site.shape(7, 2)
    total = blocks * block
    heads = Heads(1, count, tokens, total, size, size, count // groups)
    return heads, _Cache(tokens, sequences * total - tokens, total, groups, stored)


def _paged(site: Site) -> tuple[Typed, ...]:
    heads, _ = _paged_shape(site)
    out = (site.element(0), (heads.length, heads.count * heads.key_size))
    values = site.optional(4)
    return out, site.operand(3), values if values is not None else site.operand(3)


def _paged_work(call: Call) -> Work:
    heads, cache = _paged_shape(site_of(call))
    row, whole = cache.groups * cache.size, call.input(3).elements
    keys, values = (0, 0) if call.optional(1) is None else (1, 2)
    read = min(max(cache.read, 0) * row, whole)
    return Work(
        Kind.MATRIX,
        heads.gemms,
        Sources((0,), (3, keys), (4, values)).operands(call),
        vector_ops=heads.softmax_ops(_score_ops(call, 99)) + _row_ops(call, heads, cache, (12, 13)),
        touched={3: read, 4: read, 8: _angles(call, heads, 8), 9: _angles(call, heads, 9)},
        settings=frozenset({5, 6}),
        appended={1: cache.fresh * row, 2: cache.fresh * row},
    )


GROUPED: dict[str, Operator] = {
    "GroupQueryAttention": Operator(_grouped, _grouped_work),
    "PagedAttention": Operator(_paged, _paged_work),
}
