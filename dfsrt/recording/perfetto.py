"""Perfetto's protobuf traces: written piece by piece, read packet by packet.

Messages are those of the ``perfetto`` package. Overlapping slices need tracks of their own: tracks
called ``X``, ``X #2``, ``X #3`` are written as several tracks with the name ``X``, which Perfetto
shows as one, and are told apart again on reading. A track ``X #2`` without an ``X`` before it keeps
its name. Batteries' counters become ``battery`` packets (``perfetto_battery``), temperatures are
called as Android's are (``perfetto_heat``).
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from dfsrt.base.arrays import Mask
from dfsrt.base.errors import InputError
from dfsrt.base.files import write_atomically
from dfsrt.recording import lanes, perfetto_battery, perfetto_heat
from dfsrt.recording.left_out import LeftOut
from dfsrt.recording.perfetto_packets import packets
from dfsrt.recording.recording import Recording

if TYPE_CHECKING:
    from perfetto.protos.perfetto.trace.perfetto_trace_pb2 import Trace, TrackDescriptor

SEQUENCE = 1
_FLUSH = 1 << 20


class PerfettoWriter:
    """Writes slices, counters and rails to an open file; memory does not grow with the trace.

    One message is used over and over: only what differs is set anew, which takes a quarter of
    the time that new messages would.
    """

    def __init__(self, file: BinaryIO) -> None:
        from perfetto.protos.perfetto.trace import perfetto_trace_pb2 as pb

        self._pb, self._file, self._out = pb, file, bytearray()
        self._tracks: dict[tuple[str, str | None], int] = {}
        self._lanes = lanes.Lanes()
        self._names: dict[str, int] = {}
        self._begin = self._event(pb.TrackEvent.TYPE_SLICE_BEGIN)
        self._end = self._event(pb.TrackEvent.TYPE_SLICE_END)
        self._counter = self._event(pb.TrackEvent.TYPE_COUNTER)
        start = pb.Trace()
        packet = start.packet.add()
        packet.trusted_packet_sequence_id = SEQUENCE
        packet.sequence_flags = pb.TracePacket.SEQ_INCREMENTAL_STATE_CLEARED
        self._put(start)

    def _event(self, kind: int) -> Trace:
        trace = self._pb.Trace()
        packet = trace.packet.add()
        packet.trusted_packet_sequence_id = SEQUENCE
        packet.sequence_flags = self._pb.TracePacket.SEQ_NEEDS_INCREMENTAL_STATE
        packet.track_event.type = kind
        return trace

    def write(self, piece: Recording) -> None:
        """Write the slices and counters of ``piece``."""
        self._write_slices(piece)
        self._write_counters(piece)
        self._flush()

    def _write_slices(self, piece: Recording) -> None:
        texts, s = piece.texts, piece.slices
        names = {int(i): self._name(texts[i]) for i in np.unique([*s.name, *s.category])}
        in_order = sorted(np.unique(s.track).tolist(), key=lambda i: lanes.split(texts[i]))
        tracks = {i: self._track(texts[i]) for i in in_order}
        first, last = self._begin.packet[0], self._end.packet[0]
        begin, end = first.track_event, last.track_event
        rows = zip(*(c.tolist() for c in (s.track, s.category, s.name, s.start_ns)), strict=True)
        for (track, category, name, start_ns), lasts in zip(
            rows, s.duration_ns.tolist(), strict=True
        ):
            begin.track_uuid = end.track_uuid = tracks[track]
            begin.name_iid = names[name]
            del begin.category_iids[:]
            begin.category_iids.append(names[category])
            first.timestamp, last.timestamp = start_ns, start_ns + lasts
            self._put(self._begin)
            self._put(self._end)

    def _write_counters(self, piece: Recording) -> None:
        texts, c = piece.texts, piece.counters
        batteries = perfetto_battery.is_battery(piece)
        self._write_batteries(piece, batteries)
        packet = self._counter.packet[0]
        event = packet.track_event
        columns = (x[~batteries] for x in (c.track, c.unit, c.time_ns, c.value))
        for track, unit, time_ns, value in zip(*(x.tolist() for x in columns), strict=True):
            event.track_uuid = self._track(texts[track], texts[unit])
            event.double_counter_value = value
            packet.timestamp = time_ns
            self._put(self._counter)

    def _write_batteries(self, piece: Recording, of_battery: Mask) -> None:
        trace = self._pb.Trace()
        packet = trace.packet.add()
        packet.trusted_packet_sequence_id = SEQUENCE
        for _ in perfetto_battery.fill(packet, piece, of_battery):
            self._put(trace)

    def rails(self, names: Iterable[str]) -> None:
        """Say which power rails there are; once, before their energies."""
        trace = self._pb.Trace()
        packet = trace.packet.add()
        packet.trusted_packet_sequence_id = SEQUENCE
        for index, name in enumerate(names):
            packet.power_rails.rail_descriptor.add(index=index, rail_name=name, subsys_name="dfsrt")
        self._put(trace)

    def rail_energy(self, time_ns: int, joules: Iterable[float]) -> None:
        """Write each rail's energy so far.

        Energies take the packet's time: their own field for it has only milliseconds.
        """
        trace = self._pb.Trace()
        packet = trace.packet.add()
        packet.timestamp = time_ns
        packet.trusted_packet_sequence_id = SEQUENCE
        for index, energy in enumerate(joules):
            packet.power_rails.energy_data.add(index=index, energy=round(energy * 1e6))
        self._put(trace)

    def _track(self, name: str, unit: str | None = None) -> int:
        """Return the number of a track, a counter's with its unit; describe it where it is new."""
        key = (name, unit)
        if key not in self._tracks:
            self._tracks[key] = len(self._tracks) + 1
            trace = self._pb.Trace()
            packet = trace.packet.add()
            packet.trusted_packet_sequence_id = SEQUENCE
            packet.track_descriptor.uuid = self._tracks[key]
            self._describe(packet.track_descriptor, name, unit)
            self._put(trace)
        return self._tracks[key]

    def _describe(self, track: TrackDescriptor, name: str, unit: str | None) -> None:
        if unit is None:
            track.name = self._lanes.shared(name)
            return
        name, unit = perfetto_heat.read(name, unit)
        shared = self._lanes.shared(name, unit)
        track.name, track.counter.unit_name = perfetto_heat.written(shared, unit)

    def _name(self, name: str) -> int:
        if name not in self._names:
            self._names[name] = number = len(self._names) + 1
            trace = self._pb.Trace()
            packet = trace.packet.add()
            packet.trusted_packet_sequence_id = SEQUENCE
            packet.sequence_flags = self._pb.TracePacket.SEQ_NEEDS_INCREMENTAL_STATE
            packet.interned_data.event_names.add(iid=number, name=name)
            packet.interned_data.event_categories.add(iid=number, name=name)
            self._put(trace)
        return self._names[name]

    def _put(self, trace: Trace) -> None:
        self._out += trace.SerializeToString()
        if len(self._out) > _FLUSH:
            self._flush()

    def _flush(self) -> None:
        self._file.write(self._out)
        self._out = bytearray()

    def __enter__(self) -> PerfettoWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self._flush()


def write(recording: Recording, path: Path) -> None:
    """Write ``recording`` to ``path``.

    Raises:
        OutputError: ``path`` cannot be written.
    """

    def fill(beside: Path) -> None:
        with beside.open("wb") as file, PerfettoWriter(file) as writer:
            writer.write(recording)

    write_atomically(path, fill)


def read(path: Path) -> Recording:
    """Return the slices and counters of a Perfetto trace; ``about`` counts what is passed over.

    Read are track events, ftrace's frequency, temperature and voltage events, power rails and
    battery, on all clocks that the trace relates to each other, compressed or not. Packets that
    are broken, and all from where the file is cut short, are left out and counted.

    Raises:
        InputError: no Perfetto trace, or none of which anything can be read.
    """
    from dfsrt.recording.perfetto_reader import PerfettoReader

    left_out, about = LeftOut("packets"), {"format": "perfetto", "file": path.name}
    reader = PerfettoReader(left_out)
    for at, data in packets(path, left_out, about):
        reader.take(data, at)
    recording = reader.recording(about)
    if left_out.count and not (recording.slices or recording.counters):
        raise InputError(
            f"'{path}' is no Perfetto trace, or damaged: {left_out.first}; record it again"
        )
    return recording
