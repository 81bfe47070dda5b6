"""The tracks of a Perfetto trace: their names, units and how their counters count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dfsrt.recording import perfetto_heat
from dfsrt.recording.lanes import Lanes

if TYPE_CHECKING:
    from perfetto.protos.perfetto.trace.perfetto_trace_pb2 import CounterDescriptor, TrackDescriptor

_UNITS = {1: "ns", 2: "", 3: "B"}
"""Units that Perfetto has numbers for: time, a count, a size."""


@dataclass(slots=True)
class _Counting:
    """What a counter's values are in, and whether each is only what is added to the one before."""

    unit: str
    scale: float
    counts_on: bool


class Tracks:
    """Keeps descriptors by their number, and tells tracks of one name and kind apart.

    Where two processes have a track of one name, the second one's has its process before it.
    """

    def __init__(self) -> None:
        self._process_names: dict[int, str] = {}
        self._owners: dict[int, str] = {}
        self._first_owner: dict[tuple[str, str | None], str] = {}
        self._names: dict[int, str] = {}
        self._counters: dict[int, _Counting] = {}
        self._lanes = Lanes()

    def take(self, track: TrackDescriptor) -> None:
        """Take in a descriptor; one that comes again may name what had none before.

        A name that is set, but empty, is a name all the same.
        """
        name, is_counter = _name(track), track.HasField("counter")
        owner = self._owner(track)
        if track.uuid in self._names and (self._names[track.uuid] or not name):
            return
        if name is None and not is_counter:
            return
        if name is None:
            name = f"track {track.uuid}"
        unit = _unit(track.counter)
        check_text(name, unit)
        if is_counter:
            name, unit = perfetto_heat.read(name, unit)
        kind = unit if is_counter else None
        if owner and self._first_owner.setdefault((name, kind), owner) != owner:
            name = f"{owner}/{name}"
        self._names[track.uuid] = self._lanes.next(name, kind)
        scale = float(track.counter.unit_multiplier or 1)
        self._counters[track.uuid] = _Counting(unit, scale, track.counter.is_incremental)

    def _owner(self, track: TrackDescriptor) -> str:
        """Return the process that a track is of, itself or by its parent; remember it."""
        owner = self._owners.get(track.parent_uuid, "")
        if track.HasField("process"):
            owner = track.process.process_name or f"process {track.process.pid}"
            self._process_names[track.process.pid] = owner
        elif track.HasField("thread"):
            unnamed = f"process {track.thread.pid}"
            owner = owner or self._process_names.get(track.thread.pid, unnamed)
        check_text(owner)
        self._owners[track.uuid] = owner
        return owner

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


def _name(track: TrackDescriptor) -> str | None:
    """Return a descriptor's name; None where it has none, not even one that is set and empty."""
    name: str = track.name or track.static_name or track.atrace_name
    name = name or track.thread.thread_name or track.process.process_name
    return name if name or track.HasField("name") else None


def _unit(counter: CounterDescriptor) -> str:
    name: str = counter.unit_name
    return name or _UNITS.get(counter.unit, "")


def check_text(*names: object) -> None:
    """Check that names are text; protobuf hands broken UTF-8 out as bytes.

    Raises:
        UnicodeError: one is not.
    """
    for name in names:
        if not isinstance(name, str):
            raise UnicodeError(f"the name {name!r:.60} is not valid UTF-8")
