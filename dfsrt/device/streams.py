"""Streams of a device file: reads and writes go along where a file changes its base's bandwidth."""

from __future__ import annotations

from collections.abc import Mapping

from dfsrt.base.tomlfile import Table

STREAMS = ("read_bandwidth_bytes_per_s", "write_bandwidth_bytes_per_s")
"""What streams that only read or only write cross at, where it is told apart."""


def streams_along(base: Table, own: Table, merged: Table) -> Table:
    """Return ``merged`` with its base's streams in the ratio of ``own`` bandwidth to the base's."""
    mine, memory = own.get("memory"), merged.get("memory")
    before, now = _bandwidth(base.get("memory")), _bandwidth(mine)
    if not isinstance(mine, Mapping) or not isinstance(memory, Mapping) or not before or not now:
        return merged
    streams = {s: memory[s] for s in STREAMS if s in memory and s not in mine}
    scaled = {s: n * now / before for s, n in streams.items() if isinstance(n, int | float)}
    return {**merged, "memory": {**memory, **scaled}}


def _bandwidth(memory: object) -> float:
    told = memory.get("bandwidth_bytes_per_s") if isinstance(memory, Mapping) else None
    return float(told) if isinstance(told, int | float) else 0.0
