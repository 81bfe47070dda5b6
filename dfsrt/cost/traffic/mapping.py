"""A mapping: the tile and the order of loops with which a product is worked through."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations
from typing import NamedTuple

LOOPS = "ckpq"
"""Loops over channels, kernels, rows and columns."""
ORDERS = tuple("".join(order) for order in permutations(LOOPS))
"""All orders of the loops, each from outer to inner."""


class Tile(NamedTuple):
    """Channels, kernels, rows and columns of results that are worked on at once."""

    c: int
    k: int
    p: int
    q: int


class Fetches(NamedTuple):
    """How often each operand crosses: read, or for results written."""

    input: int
    weight: int
    output: int


@dataclass(frozen=True, slots=True)
class Mapping:
    """How a product is tiled; ``order`` has the loops from outer to inner.

    ``fetches``, where a policy says them itself, take the place of those that follow from tile and
    order: whole operands cross so often, without halos.
    """

    tile: Tile
    order: str
    fetches: Fetches | None = None
