"""Lifetimes of maps: which layer makes each, which read it, and what staying would save."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

from dfsrt.cost.schedule.work import MemoryWork
from dfsrt.network.layer import Kind
from dfsrt.network.tensor import Tensor


class Span(NamedTuple):
    """``bytes`` on chip from layer ``first`` to layer ``last``, both included."""

    first: int
    last: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Map:
    """A tensor that layers hand on at run time, ``names`` being all its views' too.

    ``bytes`` as it is stored whole. Layer ``producer`` makes it and writes ``written_bytes``, None
    where no layer does; ``readers``, in order, read ``read_bytes`` of it. It ``comes`` from outside
    or ``goes`` there where its first read, or its write, crosses in any case.
    """

    names: frozenset[str]
    bytes: int
    producer: int | None
    readers: tuple[int, ...]
    read_bytes: tuple[int, ...]
    written_bytes: int
    comes: bool
    goes: bool

    @property
    def first(self) -> int:
        """The first layer in which it lies on chip, where it stays."""
        return self.readers[0] if self.producer is None else self.producer

    @property
    def last(self) -> int:
        """Its last reader, or its producer where nobody reads it."""
        return self.readers[-1] if self.readers else self.first

    @property
    def saved_bytes(self) -> int:
        """Bytes that do not cross if it stays from ``first`` to ``last``, each read once."""
        reads = sum(self.read_bytes[1:] if self.comes else self.read_bytes)
        return reads + (0 if self.comes or self.goes else self.written_bytes)

    @property
    def users(self) -> tuple[int, ...]:
        """The layers that make or read it, in order."""
        return self.readers if self.producer is None else (self.producer, *self.readers)

    @property
    def span(self) -> Span:
        """Where it lies on chip, if it stays."""
        return Span(self.first, self.last, self.bytes)


def maps_of(work: MemoryWork) -> tuple[Map, ...]:
    """Return the maps of a network that could stay on chip, in the order in which they begin.

    Limits: a map that several layers write, that is read before it is made, or whose life is not
    in passes of one number (it goes into a loop, out of one or round in it) is left out: it
    crosses. So is one of the caller's of which the first layer reads a part.
    """
    same = _views(work)
    uses: dict[str, list[_Use]] = {}
    for index, layer in enumerate(work.layers):
        if layer.kind is not Kind.VIEW:
            each = [_Use(index, False, t) for t in layer.inputs]
            for use in (*each, *(_Use(index, True, t) for t in layer.outputs)):
                uses.setdefault(same.get(use.tensor.name, use.tensor.name), []).append(use)
    names: dict[str, set[str]] = {root: {root} for root in uses}
    for name, root in same.items():
        names.setdefault(root, set()).add(name)
    constant = {same.get(t.name, t.name) for layer in work.layers for t in layer.weights}
    maps = [_map(names[root], each, work) for root, each in uses.items() if root not in constant]
    stay = [each for each in maps if each is not None]
    return tuple(sorted(stay, key=lambda m: (m.first, m.last, min(m.names))))


class _Use(NamedTuple):
    """A layer that makes a tensor, or reads it."""

    layer: int
    makes: bool
    tensor: Tensor


def _map(names: Iterable[str], uses: Sequence[_Use], work: MemoryWork) -> Map | None:
    """Return the map that so many uses are of; None where it cannot stay."""
    makers = [use for use in uses if use.makes]
    reads: dict[int, int] = {}
    for use in uses:
        if not use.makes:
            reads[use.layer] = max(reads.get(use.layer, 0), use.tensor.touched_bytes)
    each = Map(
        names=frozenset(names),
        bytes=max(max(use.tensor.bytes, use.tensor.touched_bytes) for use in uses),
        producer=makers[0].layer if makers else None,
        readers=tuple(sorted(reads)),
        read_bytes=tuple(reads[layer] for layer in sorted(reads)),
        written_bytes=makers[0].tensor.touched_bytes if makers else 0,
        comes=not makers,
        goes=bool(makers) and not work.outer.isdisjoint(names),
    )
    return each if len(makers) <= 1 and _stays_whole(each, work.passes) else None


def _stays_whole(each: Map, passes: Sequence[int]) -> bool:
    """Whether a map that stays is one array, whole from its first layer to its last."""
    if each.producer is not None and any(i <= each.producer for i in each.readers):
        return False
    if each.comes and each.read_bytes[0] < max(each.read_bytes):
        return False
    return len(set(passes[each.first : each.last + 1])) == 1


def _views(work: MemoryWork) -> dict[str, str]:
    """Return for each name under which a view hands a tensor on, or gets it, one for all."""
    root: dict[str, str] = {}

    def top(name: str) -> str:
        while root.get(name, name) != name:
            name = root[name]
        return name

    for layer in work.layers:
        if layer.kind is not Kind.VIEW:
            continue
        alike = [top(t.name) for t in (*layer.inputs, *layer.outputs)]
        for name in (*alike, *(t.name for t in (*layer.inputs, *layer.outputs))):
            root[name] = alike[0]
    return {name: top(name) for name in root}


def alive_bytes(spans: Iterable[Span], layers: int) -> list[int]:
    """Return the bytes on chip at each of ``layers`` layers, ``(layers,)``."""
    change = [0] * (layers + 1)
    for span in spans:
        change[span.first] += span.bytes
        change[span.last + 1] -= span.bytes
    return list(accumulate(change[:layers]))
