"""onnxruntime's attention: scores, softmax and weighted sum of values, with a cache or without."""

from __future__ import annotations

from dataclasses import dataclass

from dfsrt.network.layer import Gemm, Kind, Operands
from dfsrt.network.rules.attention import Heads, Sources
from dfsrt.network.rules.contrib.facts import Typed
from dfsrt.network.rules.contrib.operator import Operator, site_of
from dfsrt.network.rules.contrib.site import Site
from dfsrt.network.rules.work import Call, Work


@dataclass(frozen=True, slots=True)
class _Packed:
    """Where an attention that projects first has its operands; the result is of type ``like``."""

    past: int
    past_length: int
    mask: int
    like: int = 0
    settings: frozenset[int] = frozenset()


def _packed(at: _Packed) -> Operator:
    """Query, key and value are projected out of one input, keys and values cached in one tensor."""

    def sizes(site: Site) -> tuple[Heads, int]:
        batch, length, _ = site.shape(0, 3)
        count, widths = _widths(site)
        past = site.optional(at.past)
        kept = past[1][3] if past is not None else 0
        if past is not None and site.node.attribute("past_present_share_buffer", 0):
            kept = _kept(site, at.past_length, kept - length)
        total = kept + length
        return Heads(batch, count, length, total, widths[0] // count, widths[2] // count), kept

    def types(site: Site) -> tuple[Typed, ...]:
        heads, _ = sizes(site)
        out = (site.element(at.like), (*site.shape(0)[:2], _widths(site)[1][2]))
        past = site.optional(at.past)
        shared = past is not None and site.node.attribute("past_present_share_buffer", 0)
        total = past[1][3] if past is not None and shared else heads.total
        return out, (out[0], (2, heads.batch, heads.count, total, heads.key_size))

    def work(call: Call) -> Work:
        (batch, length, width), joined = call.input(0).shape, call.input(1).shape[1]
        heads, kept = sizes(site_of(call))
        row = 2 * batch * heads.count * heads.key_size
        # Queries are made here, and so are keys beside the past's.
        sources = Sources((), (at.past,), (at.past,))
        return Work(
            Kind.MATRIX,
            (Gemm(batch * length, width, joined), *heads.gemms),
            (Operands(call.names(0), call.names(1)), *sources.operands(call)),
            vector_ops=heads.softmax_ops(int(call.optional(at.mask) is not None)),
            touched={at.past: kept * row},
            settings=at.settings,
            appended={1: length * row},
        )

    return Operator(types, work)


def _widths(site: Site) -> tuple[int, tuple[int, ...]]:
    """Heads, and the widths of all their queries, keys and values."""
    joined = site.shape(1, 2)[1]
    widths = site.node.attribute("qkv_hidden_sizes", ()) or (joined // 3,) * 3
    if len(widths) != 3 or sum(widths) != joined:
        raise site.refuse(f"weights {list(site.shape(1))} do not make three of {list(widths)}")
    return site.positive("num_heads"), tuple(int(width) for width in widths)


def _kept(site: Site, index: int, worst: int) -> int:
    """Rows in a shared cache before this run: as given, or as many as find room."""
    value = site.value(index)
    return max(int(value.max()) if value is not None and value.size else worst, 0)


def _unpadded(site: Site) -> tuple[Typed, ...]:
    """All sequences' tokens, one after another."""
    element, (tokens, _) = site.element(0), site.shape(0, 2)
    return ((element, (tokens, _widths(site)[1][2])),)


def _unpadded_work(call: Call) -> Work:
    """Limits: each sequence is counted as long as the longest."""
    site = site_of(call)
    (tokens, width), (batch, length) = site.shape(0, 2), site.shape(3, 2)
    count, widths = _widths(site)
    heads = Heads(batch, count, length, length, widths[0] // count, widths[2] // count)
    made_here = Operands(), Operands((), (), call.output.name)
    return Work(
        Kind.MATRIX,
        (Gemm(tokens, width, sum(widths)), *heads.gemms),
        (Operands(call.names(0), call.names(1)), *made_here),
        vector_ops=heads.softmax_ops(int(call.optional(5) is not None)),
        settings=frozenset({3, 4}),
    )


ATTENTION: dict[str, Operator] = {
    "DecoderMaskedSelfAttention": _packed(_Packed(past=4, past_length=6, mask=3)),
    "Attention": _packed(_Packed(past=4, past_length=6, mask=3)),
    "PackedAttention": Operator(_unpadded, _unpadded_work),
    "QAttention": _packed(
        _Packed(past=8, past_length=9, mask=5, like=3, settings=frozenset({3, 4, 6, 7}))
    ),
}
