"""The reports of a network's memory as JSON: one buffer, and many."""

from __future__ import annotations

import msgspec

from dfsrt.report.memory.parts import (
    MemoryBuffer,
    MemoryDram,
    MemoryMap,
    MemoryOverlap,
    MemoryPlace,
    MemoryPolicy,
    OperandBytes,
    SplitBytes,
    Tile,
)
from dfsrt.report.schema import SCHEMA_VERSION


class MemoryLayer(msgspec.Struct, frozen=True, kw_only=True):
    """What crosses between a layer and DRAM, in all its passes.

    ``bytes`` are ``dram_read_bytes`` and ``dram_write_bytes`` together, ``times_bound`` is them
    over ``bound_bytes``. ``tile``, ``order`` (of loops, from outer to inner) and ``stays`` (what
    crosses once) are those of the layer's first product; null without one, and the first two where
    it runs row by row. ``held_by`` is what held the bytes: ``fits`` (every operand crosses once),
    ``halo``, ``partial sums``, ``weights`` or ``inputs`` (which cross again), ``map kept``
    (something stays on chip), ``rows`` (depth first), ``engine`` (whose passes settle it), or null
    where nothing moves. ``place`` is where its results lie. ``row_hit_rate`` is null without a DRAM
    part. ``dram_j`` and ``dram_s`` are the DRAM's alone.
    """

    name: str
    op: str
    dram_bytes: int
    dram_read_bytes: int
    dram_write_bytes: int
    bytes: OperandBytes
    bound_bytes: int
    times_bound: float | None
    tile: Tile | None
    order: str | None
    stays: str | None
    held_by: str | None
    place: str | None
    row_hit_rate: float | None
    dram_j: float
    dram_s: float
    pj_per_byte: float | None


class MemoryTotals(msgspec.Struct, frozen=True, kw_only=True):
    """Sums over the layers.

    ``bound_bytes`` is the least that any tiling of each layer by itself needs where the schedule
    is ``layerwise``; else ``floor_bytes``, the least of any schedule at all: weights, and what
    comes from the caller and goes there, once.
    """

    dram_bytes: int
    dram_read_bytes: int
    dram_write_bytes: int
    bytes: OperandBytes
    bound_bytes: int
    times_bound: float | None
    floor_bytes: int
    dram_j: float
    dram_s: float
    pj_per_byte: float | None
    row_hit_rate: float | None


class MemoryReport(msgspec.Struct, frozen=True, kw_only=True):
    """The memory of a network on a device: what crosses to DRAM and back, and why.

    ``places`` are where maps lie on chip, ``maps`` live from layer ``first`` to layer ``last``.
    ``policies`` are what every mapper moves layer by layer, and every schedule with the chosen
    mapper; empty where nobody asked. ``bandwidth_bytes_per_s`` is what the cores in use take
    together of a DRAM that is flat; null where nothing limits it. ``overlap`` is what fetching
    ahead saves, with the policies; null without them.
    """

    schema_version: int = SCHEMA_VERSION
    network: str
    device: str
    precision: str
    mapper: str
    schedule: str
    buffer: MemoryBuffer
    channel_pad: int
    double_buffer: bool
    line_buffer: bool
    bandwidth_bytes_per_s: float | None
    dram: MemoryDram | None
    totals: MemoryTotals
    layers: list[MemoryLayer]
    places: list[MemoryPlace]
    maps: list[MemoryMap]
    policies: list[MemoryPolicy]
    overlap: MemoryOverlap | None = None
    notes: list[str] = []


class MemoryPoint(msgspec.Struct, frozen=True, kw_only=True):
    """A policy in a buffer; bytes are null where not even the least tile fits, and ``why`` says it.

    ``bound_bytes`` is as in ``MemoryTotals``.
    """

    buffer_bytes: int
    split: SplitBytes | None = None
    mapper: str
    schedule: str
    dram_bytes: int | None
    bytes: OperandBytes | None
    bound_bytes: int
    why: str | None = None

    @property
    def buffer(self) -> MemoryBuffer:
        """The buffer, shared or in parts."""
        return MemoryBuffer(bytes=self.buffer_bytes, shared=self.split is None, split=self.split)


class MemoryComparisonReport(msgspec.Struct, frozen=True, kw_only=True):
    """Bytes over the size of the buffer, by policy.

    ``mapper`` and ``schedule`` are the device's own or the chosen ones: every schedule is tried
    with that mapper, and every mapper layer by layer.
    """

    schema_version: int = SCHEMA_VERSION
    network: str
    device: str
    precision: str
    mapper: str
    schedule: str
    channel_pad: int
    double_buffer: bool
    line_buffer: bool
    floor_bytes: int
    points: list[MemoryPoint]
    notes: list[str] = []
