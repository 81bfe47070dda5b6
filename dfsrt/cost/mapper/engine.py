"""Engine: what the passes of the device's own engine fetch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from dfsrt.cost.mapper.mapper import EachNest
from dfsrt.cost.mapper.search import least_bytes
from dfsrt.cost.traffic.buffer import Buffer
from dfsrt.cost.traffic.mapping import Mapping
from dfsrt.cost.traffic.nest import LoopNest


@dataclass(frozen=True)
class Engine(EachNest):
    """Fetch what the passes of the device's engine do, where it settles that; else the least bytes.

    An engine like Eyeriss's says itself how often each operand is read, and leaves no product to
    tile; of all others (a systolic array) products are mapped as ``exhaustive`` does.
    """

    name: ClassVar[str] = "engine"

    def map_nest(self, nest: LoopNest, buffer: Buffer) -> Mapping:
        """Return the mapping of a product that the engine leaves.

        Raises:
            InputError: not even the least tile fits into the buffer.
        """
        return least_bytes(nest, buffer)
