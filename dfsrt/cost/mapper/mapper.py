"""The contract of a mapper: one method, a pure function of products and a buffer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Protocol, runtime_checkable

from dfsrt.cost.traffic.buffer import Buffer
from dfsrt.cost.traffic.mapping import Mapping
from dfsrt.cost.traffic.nest import LoopNest


@runtime_checkable
class Mapper(Protocol):
    """Anything with ``map``: it chooses tiles and orders, and dfsrt counts their bytes."""

    def map(self, nests: Sequence[LoopNest], buffer: Buffer) -> tuple[Mapping, ...]:
        """Return a mapping for each product of one layer.

        Raises:
            InputError: not even the least tile fits into the buffer.
        """
        ...


class EachNest:
    """Maps the products of a layer one by one, by ``map_nest``, which a policy defines."""

    name: ClassVar[str] = ""

    def map(self, nests: Sequence[LoopNest], buffer: Buffer) -> tuple[Mapping, ...]:
        """Return a mapping for each of ``nests``."""
        return tuple(self.map_nest(nest, buffer) for nest in nests)

    def map_nest(self, nest: LoopNest, buffer: Buffer) -> Mapping:
        """Return the mapping of one product.

        Raises:
            NotImplementedError: a policy that does not define it.
            InputError: not even the least tile fits into the buffer.
        """
        raise NotImplementedError("define map_nest(self, nest, buffer)")
