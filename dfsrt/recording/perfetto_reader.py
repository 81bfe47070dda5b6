"""Reading Perfetto's packets: what is kept of them, and what is only counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dfsrt.recording import perfetto_battery
from dfsrt.recording.collect import Collector
from dfsrt.recording.ftrace_events import add_samples
from dfsrt.recording.left_out import LeftOut
from dfsrt.recording.perfetto_clocks import Clocks, checked_ns, starts_anew
from dfsrt.recording.perfetto_events import SliceEvents
from dfsrt.recording.perfetto_packets import inflated, packets_in
from dfsrt.recording.perfetto_tracks import Tracks, check_text
from dfsrt.recording.recording import Recording

if TYPE_CHECKING:
    from perfetto.protos.perfetto.trace.perfetto_trace_pb2 import (
        BatteryCounters,
        FtraceEventBundle,
        PowerRails,
        TracePacket,
        TrackEvent,
    )


@dataclass(slots=True)
class _Sequence:
    """What one writer of packets has said once to save saying it again."""

    names: dict[int, str] = field(default_factory=dict)
    categories: dict[int, str] = field(default_factory=dict)
    track: int = 0
    extra: tuple[int, ...] = ()
    extra_double: tuple[int, ...] = ()
    totals: dict[int, float] = field(default_factory=dict)
    """How far its counters that count on have come, by track."""


class PerfettoReader:
    """Takes packets in the order of the file; ``recording`` returns what they hold.

    Times are nanoseconds of the trace's own clock. ``broken`` counts packets that are no such.
    """

    def __init__(self, broken: LeftOut) -> None:
        from perfetto.protos.perfetto.trace import perfetto_trace_pb2 as pb

        self._type, self._parse, self._broken = pb.TrackEvent, pb.TracePacket.FromString, broken
        self._collector, self._slices = Collector(), SliceEvents()
        self._clocks, self._tracks = Clocks(), Tracks()
        self._sequences: dict[int, _Sequence] = {}
        self._rails: dict[int, str] = {}
        self._left_out: Counter[str] = Counter()

    def take(self, data: bytes, at: int) -> None:
        """Take in the packet at byte ``at``; one that is broken is left out and counted.

        Raises:
            InputError: the trace holds more than can be read.
        """
        packet = self._sound(data, at)
        for zstd in (False, True):
            compressed = _compressed(packet, zstd)
            try:
                whole = inflated(compressed, zstd) if compressed else b""
            except ValueError as reason:
                self._broken.add(f"the packet at byte {at:,}", reason)
                continue
            for inner in packets_in(whole, self._broken):
                found = self._sound(inner, at)
                if _compressed(found, False) or _compressed(found, True):
                    self._left_out["packets compressed twice"] += 1

    def _sound(self, data: bytes, at: int) -> TracePacket | None:
        """Take in one packet and return it, None where it is broken."""
        from google.protobuf.message import DecodeError

        try:
            packet = self._parse(data)  # a message that is used again keeps all it ever held
            self._take(packet)
        except (DecodeError, OverflowError, UnicodeError) as error:
            self._broken.add(f"the packet at byte {at:,}", f"is broken ({error})")
            return None
        return packet

    def _take(self, packet: TracePacket) -> None:
        self._clocks.take(packet)
        sequence = self._sequence(packet)
        now = self._clocks.ns(packet) if packet.HasField("timestamp") else 0
        if packet.HasField("track_event"):
            self._event(packet.track_event, sequence, now)
        elif packet.HasField("track_descriptor"):
            self._tracks.take(packet.track_descriptor)
        elif packet.HasField("ftrace_events"):
            self._ftrace(packet.ftrace_events)
        elif packet.HasField("power_rails"):
            self._power(packet.power_rails, now)
        elif packet.HasField("battery"):
            self._battery(packet.battery, now)

    def _sequence(self, packet: TracePacket) -> _Sequence:
        """Return what the packet's sequence has said, with what this packet adds."""
        number = packet.trusted_packet_sequence_id
        if number not in self._sequences or starts_anew(packet):
            self._sequences[number] = _Sequence()
        sequence = self._sequences[number]
        if packet.HasField("interned_data"):
            names = packet.interned_data
            sequence.names.update((entry.iid, entry.name) for entry in names.event_names)
            sequence.categories.update((entry.iid, entry.name) for entry in names.event_categories)
        if packet.HasField("trace_packet_defaults"):
            defaults = packet.trace_packet_defaults.track_event_defaults
            sequence.track = defaults.track_uuid
            sequence.extra = tuple(defaults.extra_counter_track_uuids)
            sequence.extra_double = tuple(defaults.extra_double_counter_track_uuids)
        return sequence

    def _extra(self, event: TrackEvent, sequence: _Sequence, now: int) -> None:
        """Take the counters that come along with an event of any kind, by its tracks' order."""
        tracks = event.extra_counter_track_uuids or sequence.extra
        doubles = event.extra_double_counter_track_uuids or sequence.extra_double
        for uuids, values in (
            (tracks, event.extra_counter_values),
            (doubles, event.extra_double_counter_values),
        ):
            for uuid, value in zip(uuids, values, strict=False):
                self._sample(sequence, uuid, now, float(value))
            without = len(values) - len(uuids)
            if without > 0:
                self._left_out["extra counter values without a track"] += without

    def _sample(self, sequence: _Sequence, track: int, now: int, value: float) -> None:
        value, unit = self._tracks.sample(track, value, sequence.totals)
        self._collector.add_sample(self._tracks.name(track), unit, now, value)

    def _event(self, event: TrackEvent, sequence: _Sequence, now: int) -> None:
        kind = event.type
        if event.extra_counter_values or event.extra_double_counter_values:
            self._extra(event, sequence, now)
        track = event.track_uuid if event.HasField("track_uuid") else sequence.track
        if kind == self._type.TYPE_SLICE_BEGIN:
            name = event.name or sequence.names.get(event.name_iid, "")
            interned = [sequence.categories.get(iid, "") for iid in event.category_iids]
            categories = [*event.categories, *interned]
            check_text(name, *categories)
            self._slices.begin(track, now, name, ",".join(categories))
        elif kind == self._type.TYPE_SLICE_END:
            self._slices.end(track, now)
        elif kind == self._type.TYPE_COUNTER:
            double = event.HasField("double_counter_value")
            value = event.double_counter_value if double else float(event.counter_value)
            self._sample(sequence, track, now, value)
        else:
            self._left_out["instants" if kind == self._type.TYPE_INSTANT else "other events"] += 1

    def _ftrace(self, bundle: FtraceEventBundle) -> None:
        for event in bundle.event:
            kind = event.WhichOneof("event")
            if kind is None:
                continue
            message = getattr(event, kind)
            fields = {f.name: str(getattr(message, f.name)) for f in message.DESCRIPTOR.fields}
            if not add_samples(self._collector, kind, fields, checked_ns(event.timestamp)):
                self._left_out["other ftrace events"] += 1

    def _power(self, rails: PowerRails, now: int) -> None:
        check_text(*(rail.rail_name for rail in rails.rail_descriptor))
        self._rails.update((rail.index, rail.rail_name) for rail in rails.rail_descriptor)
        for data in rails.energy_data:
            when = (
                checked_ns(data.timestamp_ms * 1_000_000) if data.HasField("timestamp_ms") else now
            )
            name = self._rails.get(data.index, f"rail {data.index}")
            self._collector.add_sample(f"{name} energy", "J", when, data.energy * 1e-6)

    def _battery(self, battery: BatteryCounters, now: int) -> None:
        check_text(battery.name)
        for track, unit, value in perfetto_battery.samples(battery):
            self._collector.add_sample(track, unit, now, value)

    def recording(self, about: Mapping[str, str]) -> Recording:
        """Return what was read; ``about`` and what was passed over say where it comes from."""
        self._slices.collect(self._collector, self._tracks.name)
        left_out = [
            *((f"{what} passed over", count) for what, count in sorted(self._left_out.items())),
            ("slices without an end", self._slices.unclosed),
            ("ends without a slice", self._slices.unopened),
        ]
        return self._collector.recording({**about, **self._broken.about(), **_counted(left_out)})


def _compressed(packet: TracePacket | None, zstd: bool) -> bytes:
    """Return the packets that are compressed in ``packet``, by zlib or by zstd."""
    if packet is None:
        return b""
    return bytes(packet.zstd_compressed_packets if zstd else packet.compressed_packets)


def _counted(counts: Iterable[tuple[str, int]]) -> dict[str, str]:
    return {what: str(count) for what, count in counts if count}
