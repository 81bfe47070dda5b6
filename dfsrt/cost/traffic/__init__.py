"""The bytes of a product: tiles, orders of loops, and what crosses."""

from dfsrt.cost.traffic.buffer import Buffer, buffer_of
from dfsrt.cost.traffic.crossing import Crossing, crossing, fits
from dfsrt.cost.traffic.mapping import ORDERS, Fetches, Mapping, Tile
from dfsrt.cost.traffic.nest import PARTIAL_BITS, LoopNest, Operand
from dfsrt.cost.traffic.nests import nests_of

__all__ = [
    "ORDERS",
    "PARTIAL_BITS",
    "Buffer",
    "Crossing",
    "Fetches",
    "LoopNest",
    "Mapping",
    "Operand",
    "Tile",
    "buffer_of",
    "crossing",
    "fits",
    "nests_of",
]
