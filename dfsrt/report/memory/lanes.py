"""The picture of lives: maps stacked over the layers in which they live."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from dfsrt.cost.schedule.layerwise import RESIDENT
from dfsrt.cost.schedule.schedule import BUFFER, ROWS, SYSTEM_SRAM
from dfsrt.report.look import BLUE, GREEN, LIGHT, ORANGE, PINK, SKY, YELLOW
from dfsrt.report.memory.layers import DRAM
from dfsrt.report.memory.names import where
from dfsrt.report.memory.parts import MemoryMap
from dfsrt.report.memory.schema import MemoryReport

SHADES = (BLUE, SKY, GREEN, ORANGE, PINK)
"""Colours of maps that stay, in turn: neighbours differ, for colour-blind readers too."""
ELSEWHERE, BY_ROWS = LIGHT, YELLOW
_STACK = (BUFFER, RESIDENT, SYSTEM_SRAM, ROWS, DRAM)
"""Places from below."""


@dataclass(slots=True)
class Lane:
    """A map in the picture: ``low`` bytes lie below it in each layer from ``first`` on."""

    map: MemoryMap
    colour: str
    low: list[int] = field(default_factory=list)

    @property
    def edges(self) -> list[float]:
        """Where its layers begin, and the last one ends, a layer being one wide."""
        first = self.map.first
        return [first - 0.5 + k for k in range(len(self.low) + 1)]

    @property
    def high(self) -> list[int]:
        """Bytes up to its upper edge in each layer."""
        return [low + self.map.bytes for low in self.low]


def lanes_of(maps: Sequence[MemoryMap], layers: int) -> list[Lane]:
    """Return the maps stacked layer by layer: those in the buffer lowest, those in DRAM on top.

    So the height of the lower part is what lies on chip, in each layer.
    """
    ordered = sorted(maps, key=lambda m: (_rank(m.place), m.first, m.last))
    taken = [0] * layers
    lanes, shown = [], 0
    for each in ordered:
        stays = each.place not in (DRAM, ROWS)
        other = BY_ROWS if each.place == ROWS else ELSEWHERE
        lane = Lane(each, SHADES[shown % len(SHADES)] if stays else other)
        shown += stays
        for layer in range(each.first, each.last + 1):
            lane.low.append(taken[layer])
            taken[layer] += each.bytes
        lanes.append(lane)
    return lanes


def place_name(place: str) -> str:
    """Return what a legend calls a place."""
    more = {BUFFER: ", each its shade", ROWS: ", some at a time"}
    return where(place) + more.get(place, "")


def buffer_line(report: MemoryReport) -> int:
    """Return the bytes of the buffers in which maps may lie: those of all cores in use."""
    sizes = [p.size_bytes for p in report.places if p.place == BUFFER and p.size_bytes]
    return max([report.buffer.bytes, *sizes])


def buffer_name(report: MemoryReport) -> str:
    """Return what a legend calls that line."""
    return "the buffer" if buffer_line(report) == report.buffer.bytes else "all cores' buffers"


def _rank(place: str) -> int:
    return _STACK.index(place) if place in _STACK else len(_STACK)
