"""SmartShuttle: per layer the better of partial-sum reuse and weight reuse."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from dfsrt.cost.mapper.mapper import EachNest
from dfsrt.cost.mapper.search import cheapest
from dfsrt.cost.traffic.buffer import Buffer
from dfsrt.cost.traffic.mapping import Mapping
from dfsrt.cost.traffic.nest import LoopNest


@dataclass(frozen=True)
class SmartShuttle(EachNest):
    """Keep partial sums on chip, or read every weight once: the fewer bytes of the two.

    Per product, with the best tiles of each; on a tie partial sums stay.

    Source: Li et al., DATE 2018, by its abstract; that these are its two schemes is not confirmed,
    and its own tile sizes are not public: these are the best there are (memory.md 2.2).
    """

    name: ClassVar[str] = "smartshuttle"

    def map_nest(self, nest: LoopNest, buffer: Buffer) -> Mapping:
        """Return the mapping of one product.

        Raises:
            InputError: not even the least tile fits into the buffer.
        """
        return cheapest(nest, buffer, ("output", "weight"))
