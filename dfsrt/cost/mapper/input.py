"""Input stationary: every tile of inputs crosses once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from dfsrt.cost.mapper.mapper import EachNest
from dfsrt.cost.mapper.search import least_bytes
from dfsrt.cost.traffic.buffer import Buffer
from dfsrt.cost.traffic.mapping import Mapping
from dfsrt.cost.traffic.nest import LoopNest


@dataclass(frozen=True)
class Input(EachNest):
    """Read every tile of inputs once; of all tiles and orders that do, the least bytes.

    Wherever any tile fits one of them does, as kernels run innermost. What tiles share with their
    neighbours (halos) is read with each. Source: input reuse of memory.md 2.2.
    """

    name: ClassVar[str] = "input"

    def map_nest(self, nest: LoopNest, buffer: Buffer) -> Mapping:
        """Return the mapping of one product.

        Raises:
            InputError: not even the least tile fits into the buffer.
        """
        return least_bytes(nest, buffer, once="input")
