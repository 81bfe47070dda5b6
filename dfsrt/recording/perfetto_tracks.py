"""The tracks of a Perfetto trace: their names, units and how their counters count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

_UNITS = {1: "ns", 2: "", 3: "B"}
"""Units that Perfetto has numbers for: time, a count, a size."""


@dataclass(slots=True)
class _Counting:
    """What a counter's values are in; those of one that ``counts_on`` are added up."""

    unit: str
    scale: float
    counts_on: bool
    total: float = 0.0


class Tracks:
    """Keeps descriptors by their number, and tells tracks of one name and kind apart."""

    def __init__(self) -> None:
        self._names: dict[int, str] = {}
        self._counters: dict[int, _Counting] = {}
        self._taken: dict[tuple[str, tuple[bool, str]], int] = {}

    def take(self, told: Any) -> None:
        """Take in a descriptor; one that comes again may name what had none before."""
        name = told.name or told.static_name or told.atrace_name
        name = name or told.thread.thread_name or told.process.process_name
        counter, is_counter = told.counter, told.HasField("counter")
        if told.uuid in self._names or not (name or is_counter):
            return
        check_text(name, counter.unit_name)
        kind = (is_counter, counter.unit_name or _UNITS.get(counter.unit, ""))
        self._names[told.uuid] = self._lane(name or f"track {told.uuid}", kind)
        scale = float(counter.unit_multiplier or 1)
        self._counters[told.uuid] = _Counting(kind[1], scale, counter.is_incremental)

    def sample(self, uuid: int, value: float) -> tuple[float, str]:
        """Return a counter's value and unit in full."""
        counting = self._counters.get(uuid)
        if counting is None:
            return value, ""
        if counting.counts_on:
            counting.total = value = counting.total + value
        return value * counting.scale, counting.unit

    def name(self, uuid: int) -> str:
        """Return the track's name."""
        return self._names.get(uuid) or f"track {uuid}"

    def _lane(self, name: str, kind: tuple[bool, str]) -> str:
        """Return ``X``, and ``X #2`` for the next track of that name and kind."""
        self._taken[name, kind] = lane = self._taken.get((name, kind), 0) + 1
        return name if lane == 1 else f"{name} #{lane}"


def check_text(*names: object) -> None:
    """Raise UnicodeError where a name is no text; protobuf hands broken UTF-8 out as bytes."""
    for name in names:
        if not isinstance(name, str):
            raise UnicodeError(f"the name {name!r:.60} is not valid UTF-8")
