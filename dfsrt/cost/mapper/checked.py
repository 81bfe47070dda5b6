"""What a mapper returns, held against what it was asked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from numbers import Integral
from typing import cast

from dfsrt.base.errors import InputError
from dfsrt.cost.mapper.mapper import Mapper
from dfsrt.cost.mapper.registry import MAPPERS
from dfsrt.cost.traffic.buffer import Buffer
from dfsrt.cost.traffic.crossing import fits
from dfsrt.cost.traffic.mapping import ORDERS, Fetches, Mapping, Tile
from dfsrt.cost.traffic.nest import LoopNest


def mapped(mapper: Mapper, nests: Sequence[LoopNest], buffer: Buffer) -> tuple[Mapping, ...]:
    """Return the mappings of a layer's products, each of which can run.

    Raises:
        InputError: not even the least tile fits, or a mapper that returns what is no mapping, an
            order that misses a loop, or a tile that is larger than the product or the buffer.
    """
    answer: object = mapper.map(nests, buffer)
    mappings = tuple(answer) if isinstance(answer, Iterable) else answer
    fault = fault_of(mappings, nests, buffer)
    if fault:
        raise InputError(
            f"mapper '{MAPPERS.label(mapper)}' returned {fault}; "
            "try it with dfsrt.testing.MapperConformance"
        )
    return tuple(_plain(each) for each in cast(Iterable[Mapping], mappings))


def _plain(each: Mapping) -> Mapping:
    """Return a mapping in Python's own numbers, whatever whole numbers a mapper put in."""
    fetches = each.fetches and Fetches(*map(int, each.fetches))
    return Mapping(Tile(*map(int, each.tile)), each.order, fetches)


def fault_of(mappings: object, nests: Sequence[LoopNest], buffer: Buffer) -> str:
    """Return what is wrong with a mapper's answer, or nothing."""
    if not isinstance(mappings, tuple | list):
        return f"{mappings!r} for a tuple of Mapping"
    if len(mappings) != len(nests):
        return f"{len(mappings)} for {len(nests)} products"
    pairs = zip(mappings, nests, strict=True)
    return next(filter(None, (_fault(mapping, nest, buffer) for mapping, nest in pairs)), "")


def _fault(mapping: object, nest: LoopNest, buffer: Buffer) -> str:
    """Return what is wrong with a mapping, or nothing."""
    if not isinstance(mapping, Mapping):
        return f"{mapping!r} for a Mapping"
    if not isinstance(mapping.order, str) or mapping.order not in ORDERS:
        return f"the order '{mapping.order}' for one of the loops c, k, p and q, each once"
    if not _are_whole(mapping.tile, 4):
        return f"the tile {mapping.tile!r} for four whole numbers"
    if any(not 1 <= n <= size for n, size in zip(mapping.tile, nest.whole, strict=True)):
        return f"the tile {tuple(mapping.tile)} of a product of {tuple(nest.whole)}"
    if mapping.fetches is not None:
        often = _are_whole(mapping.fetches, 3) and all(n >= 1 for n in mapping.fetches)
        return (
            ""
            if often
            else f"fetches of {mapping.fetches!r}, where three whole numbers from 1 on belong"
        )
    inside = bool(fits(nest, _plain(mapping).tile, buffer))
    return "" if inside else f"the tile {tuple(mapping.tile)}, which does not fit in the buffer"


def _are_whole(numbers: object, count: int) -> bool:
    """Whether these are so many whole numbers."""
    several = isinstance(numbers, tuple) and len(numbers) == count
    return several and all(isinstance(n, Integral) for n in cast(tuple[object, ...], numbers))
