"""What a mapper returns, held against what it was asked."""

from __future__ import annotations

from collections.abc import Sequence

from dfsrt.base.errors import InputError
from dfsrt.cost.mapper.mapper import Mapper
from dfsrt.cost.mapper.registry import MAPPERS
from dfsrt.cost.traffic.buffer import Buffer
from dfsrt.cost.traffic.crossing import fits
from dfsrt.cost.traffic.mapping import ORDERS, Mapping
from dfsrt.cost.traffic.nest import LoopNest


def mapped(mapper: Mapper, nests: Sequence[LoopNest], buffer: Buffer) -> tuple[Mapping, ...]:
    """Return the mappings of a layer's products, each of which can run.

    Raises:
        InputError: not even the least tile fits, or a mapper that returns what is no mapping, an
            order that misses a loop, or a tile that is larger than the product or the buffer.
    """
    mappings = tuple(mapper.map(nests, buffer))
    fault = fault_of(mappings, nests, buffer)
    if fault:
        raise InputError(
            f"mapper '{MAPPERS.label(mapper)}' returned {fault}; "
            "try it with dfsrt.testing.MapperConformance"
        )
    return mappings


def fault_of(mappings: Sequence[object], nests: Sequence[LoopNest], buffer: Buffer) -> str:
    """Return what is wrong with a mapper's answer, or nothing."""
    if len(mappings) != len(nests):
        return f"{len(mappings)} for {len(nests)} products"
    pairs = zip(mappings, nests, strict=True)
    return next(filter(None, (_fault(mapping, nest, buffer) for mapping, nest in pairs)), "")


def _fault(mapping: object, nest: LoopNest, buffer: Buffer) -> str:
    """Return what is wrong with a mapping, or nothing."""
    if not isinstance(mapping, Mapping):
        return f"{mapping!r} for a Mapping"
    if mapping.order not in ORDERS:
        return f"the order '{mapping.order}' for one of the loops c, k, p and q, each once"
    if any(not 1 <= n <= size for n, size in zip(mapping.tile, nest.whole, strict=True)):
        return f"the tile {tuple(mapping.tile)} of a product of {tuple(nest.whole)}"
    if mapping.fetches is not None:
        often = all(n >= 1 for n in mapping.fetches)
        return "" if often else f"fetches of {tuple(mapping.fetches)}, where 1 is the least"
    inside = bool(fits(nest, mapping.tile, buffer))
    return "" if inside else f"the tile {tuple(mapping.tile)}, which does not fit in the buffer"
