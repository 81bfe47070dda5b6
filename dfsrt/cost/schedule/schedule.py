"""The contract of a schedule: one method, a pure function of a network's work."""

from __future__ import annotations

from collections.abc import Mapping as Map
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from dfsrt.cost.schedule.work import MemoryWork
from dfsrt.cost.traffic.mapping import Fetches

BUFFER, SYSTEM_SRAM, ROWS = "buffer", "system sram", "rows"
"""Places of tensors that do not cross."""


@dataclass(frozen=True, slots=True)
class LayerPlan:
    """What a schedule leaves to a layer.

    ``kept_bytes`` of the buffer hold maps while the layer runs; the rest is for its tiles. With
    ``fetches`` the layer is not tiled but runs row by row, or block by block, in the ``group`` of
    that number: its operands cross so often, where they cross at all. ``on_chip`` names tensors
    that this layer finds or leaves on chip, though others read them from DRAM or they go there too.
    With ``parts`` a group works on so many equal parts of its rows, one after the other.
    """

    kept_bytes: int = 0
    fetches: Fetches | None = None
    group: int | None = None
    on_chip: frozenset[str] = frozenset()
    parts: int | None = None


@dataclass(frozen=True, slots=True)
class MemoryPlan:
    """Where maps lie, and how layers run.

    ``places`` names, for each tensor that does not cross to DRAM, where it lies: ``buffer``,
    ``system sram``, or ``rows`` (a few rows at a time, between layers of one group). ``layers`` has
    a plan for each layer of the network.
    """

    layers: tuple[LayerPlan, ...]
    places: Map[str, str] = field(default_factory=dict)


@runtime_checkable
class Schedule(Protocol):
    """Anything with ``plan``: it says which maps stay, and dfsrt counts the bytes."""

    def plan(self, work: MemoryWork) -> MemoryPlan:
        """Return where every map of a network lies and how its layers run."""
        ...
