"""Mappers by name."""

from __future__ import annotations

from dfsrt.cost.mapper.exhaustive import Exhaustive
from dfsrt.cost.mapper.half_buffer import HalfBuffer
from dfsrt.cost.mapper.mapper import Mapper

_OWN = {"exhaustive": Exhaustive, "half-buffer": HalfBuffer, "engine": Exhaustive}


def make_mapper(source: object) -> Mapper:
    """Return the mapper that ``source`` names, or is."""
    return _OWN[source]() if isinstance(source, str) else source
