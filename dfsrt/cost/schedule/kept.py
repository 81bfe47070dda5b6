"""Plans that keep whole maps on chip."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dfsrt.cost.schedule.lifetimes import Map, Span, alive_bytes
from dfsrt.cost.schedule.schedule import BUFFER, LayerPlan, MemoryPlan
from dfsrt.cost.schedule.work import MemoryWork


def kept_plan(
    work: MemoryWork, kept: Mapping[Map, str], apart: Mapping[str, str] | None = None
) -> MemoryPlan:
    """Return the plan that keeps maps, each in its place, and tensors ``apart`` from the buffer."""
    places, reads = dict(apart or {}), list[tuple[Map, int]]()
    for each, place in kept.items():
        if each.comes or each.goes:
            reads += [(each, i) for i in (each.readers[1:] if each.comes else each.readers)]
        else:
            places.update(dict.fromkeys(sorted(each.names), place))
    return _plan(work, [m.span for m, place in kept.items() if place == BUFFER], places, reads)


def handed_plan(work: MemoryWork, handed: Iterable[Map], apart: Mapping[str, str]) -> MemoryPlan:
    """Return the plan in which maps lie in the buffer from their producer to their first reader.

    Those that others need too are written, and read again there.
    """
    places, reads, spans = dict(apart), list[tuple[Map, int]](), list[Span]()
    for each in handed:
        spans.append(Span(each.first, each.readers[0], each.bytes))
        if each.goes or len(each.readers) > 1:
            reads.append((each, each.readers[0]))
        else:
            places.update(dict.fromkeys(sorted(each.names), BUFFER))
    return _plan(work, spans, places, reads)


def _plan(
    work: MemoryWork,
    spans: Iterable[Span],
    places: Mapping[str, str],
    reads: Iterable[tuple[Map, int]],
) -> MemoryPlan:
    """Return the plan in which so many bytes lie in buffers, the others' first."""
    on_chip: list[frozenset[str]] = [frozenset()] * len(work.layers)
    for each, reader in reads:
        on_chip[reader] |= each.names
    taken = alive_bytes(spans, len(work.layers))
    pairs = zip((max(n - work.other_bytes, 0) for n in taken), on_chip, strict=True)
    return MemoryPlan(tuple(LayerPlan(size, on_chip=names) for size, names in pairs), places)
