"""Schedules by name."""

from __future__ import annotations

from dfsrt.cost.schedule.layerwise import Layerwise
from dfsrt.cost.schedule.schedule import Schedule

_OWN = {"layerwise": Layerwise}


def make_schedule(source: object) -> Schedule:
    """Return the schedule that ``source`` names, or is."""
    return _OWN[source]() if isinstance(source, str) else source
