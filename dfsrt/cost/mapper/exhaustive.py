"""Exhaustive: the least bytes of all tiles and all orders of loops."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from dfsrt.cost.mapper.mapper import EachNest
from dfsrt.cost.mapper.search import least_bytes
from dfsrt.cost.traffic.buffer import Buffer
from dfsrt.cost.traffic.mapping import Mapping
from dfsrt.cost.traffic.nest import LoopNest


@dataclass(frozen=True)
class Exhaustive(EachNest):
    """Take the least bytes of all tiles and all 24 orders of loops.

    Of equal ones the one with the fewest steps.
    """

    name: ClassVar[str] = "exhaustive"

    def map_nest(self, nest: LoopNest, buffer: Buffer) -> Mapping:
        """Return the mapping with the least bytes.

        Raises:
            InputError: not even the least tile fits into the buffer.
        """
        return least_bytes(nest, buffer)
