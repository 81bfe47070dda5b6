"""ROMANet: the operand to keep, the order and the tiles by the reuse of all three operands."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from dfsrt.cost.mapper.mapper import EachNest
from dfsrt.cost.mapper.search import cheapest
from dfsrt.cost.traffic.buffer import Buffer
from dfsrt.cost.traffic.mapping import Mapping
from dfsrt.cost.traffic.nest import LoopNest


@dataclass(frozen=True)
class RomaNet(EachNest):
    """Rank the three operands by reuse, and let the one cross once that brings the fewest bytes.

    Reuse is multiply-accumulates an element: how often an input, a weight, a result is needed.
    Where two bring as few bytes, the one with more reuse is kept.

    Source: Putra et al., ROMANet, by its abstract: order and tiles per layer by the reuse factors
    of the three operands.
    Limits: its equations and tile sizes are not public; the tiles are the best of each of the three
    rows of memory.md 2.2. Every order of loops lets one of the three cross once, or can be changed
    into one that does and moves no more: so the bytes are those of ``exhaustive``.
    """

    name: ClassVar[str] = "romanet"

    def map_nest(self, nest: LoopNest, buffer: Buffer) -> Mapping:
        """Return the mapping of one product.

        Raises:
            InputError: not even the least tile fits into the buffer.
        """
        return cheapest(nest, buffer, by_reuse(nest))


def by_reuse(nest: LoopNest) -> tuple[str, ...]:
    """Return the operands, that with the most multiply-accumulates an element first."""
    each = nest.groups * nest.images
    taps = math.prod(axis.taps_on_input for axis in (nest.rows, nest.cols, nest.line))
    macs = nest.channels * nest.kernels * taps * each
    elements = {
        "output": nest.results,
        "weight": nest.channels * nest.kernels * nest.taps * nest.groups,
        "input": nest.channels * nest.area * nest.line.size_in * each,
    }
    return tuple(sorted(elements, key=lambda operand: -macs / max(elements[operand], 1)))
