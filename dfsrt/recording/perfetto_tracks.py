"""The tracks of a Perfetto trace: their names, units and how their counters count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dfsrt.recording import perfetto_heat
from dfsrt.recording.lanes import Lanes

_UNITS = {1: "ns", 2: "", 3: "B"}
"""Units that Perfetto has numbers for: time, a count, a size."""


@dataclass(slots=True)
class _Counting:
    """What a counter's values are in, and whether each is only what is added to the one before."""

    unit: str
    scale: float
    counts_on: bool


class Tracks:
    """Keeps descriptors by their number, and tells tracks of one name and kind apart."""

    def __init__(self) -> None:
        self._names: dict[int, str] = {}
        self._counters: dict[int, _Counting] = {}
        self._lanes = Lanes()

    def take(self, told: Any) -> None:
        """Take in a descriptor; one that comes again may name what had none before.

        A name that is set, but empty, is a name all the same.
        """
        name, is_counter = _name(told), told.HasField("counter")
        if told.uuid in self._names and (self._names[told.uuid] or not name):
            return
        if name is None and not is_counter:
            return
        if name is None:
            name = f"track {told.uuid}"
        unit = _unit(told.counter)
        check_text(name, unit)
        if is_counter:
            name, unit = perfetto_heat.read(name, unit)
        self._names[told.uuid] = self._lanes.next(name, unit if is_counter else None)
        scale = float(told.counter.unit_multiplier or 1)
        self._counters[told.uuid] = _Counting(unit, scale, told.counter.is_incremental)

    def sample(self, uuid: int, value: float, totals: dict[int, float]) -> tuple[float, str]:
        """Return a counter's value and unit in full.

        ``totals`` holds how far the counters that count on have come, by track, and goes on here.
        """
        counting = self._counters.get(uuid)
        if counting is None:
            return value, ""
        if counting.counts_on:
            totals[uuid] = value = totals.get(uuid, 0.0) + value
        return value * counting.scale, counting.unit

    def name(self, uuid: int) -> str:
        """Return the track's name."""
        return self._names.get(uuid, f"track {uuid}")


def _name(told: Any) -> Any:
    """Return a descriptor's name; None where it has none, not even one that is set and empty."""
    name = told.name or told.static_name or told.atrace_name
    name = name or told.thread.thread_name or told.process.process_name
    return name if name or told.HasField("name") else None


def _unit(counter: Any) -> Any:
    return counter.unit_name or _UNITS.get(counter.unit, "")


def check_text(*names: object) -> None:
    """Raise UnicodeError where a name is no text; protobuf hands broken UTF-8 out as bytes."""
    for name in names:
        if not isinstance(name, str):
            raise UnicodeError(f"the name {name!r:.60} is not valid UTF-8")
