"""Output stationary: partial sums never leave."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from dfsrt.cost.mapper.mapper import EachNest
from dfsrt.cost.mapper.search import least_bytes
from dfsrt.cost.traffic.buffer import Buffer
from dfsrt.cost.traffic.mapping import Mapping
from dfsrt.cost.traffic.nest import LoopNest


@dataclass(frozen=True)
class Output(EachNest):
    """Write every result once, with no partial sum; of all tiles that do, the least bytes.

    Wherever any tile fits one of them does, as channels run innermost. Source: output reuse of
    memory.md 2.2.
    """

    name: ClassVar[str] = "output"

    def map_nest(self, nest: LoopNest, buffer: Buffer) -> Mapping:
        """Return the mapping of one product.

        Raises:
            InputError: not even the least tile fits into the buffer.
        """
        return least_bytes(nest, buffer, once="output")
