"""Perfetto's protobuf traces: written piece by piece, read packet by packet.

Messages are those of the ``perfetto`` package. Overlapping slices need tracks of their own: tracks
called ``X``, ``X #2``, ``X #3`` are written as several tracks with the name ``X``, which Perfetto
shows as one, and are told apart again on reading.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from dfsrt.errors import InputError
from dfsrt.files import write_atomically
from dfsrt.recording.collect import Collector
from dfsrt.recording.recording import Recording

SEQUENCE = 1
MAX_PACKET = 64 << 20
"""Bytes of one packet at most; real ones are far smaller."""
_LANE = re.compile(r" #\d+$")
_FLUSH = 1 << 20


class PerfettoWriter:
    """Writes slices, counters and rails to an open file; memory does not grow with the trace.

    One message is used over and over: only what differs is set anew, which takes a quarter of
    the time that new messages would.
    """

    def __init__(self, file: BinaryIO) -> None:
        from perfetto.protos.perfetto.trace import perfetto_trace_pb2 as pb

        self._pb, self._file, self._out = pb, file, bytearray()
        self._tracks: dict[tuple[str, str], int] = {}
        self._names: dict[str, int] = {}
        self._begin = self._event(pb.TrackEvent.TYPE_SLICE_BEGIN)
        self._end = self._event(pb.TrackEvent.TYPE_SLICE_END)
        self._counter = self._event(pb.TrackEvent.TYPE_COUNTER)
        start = pb.Trace()
        packet = start.packet.add()
        packet.trusted_packet_sequence_id = SEQUENCE
        packet.sequence_flags = pb.TracePacket.SEQ_INCREMENTAL_STATE_CLEARED
        self._put(start)

    def _event(self, kind: int) -> Any:
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
        tracks = {int(i): self._track(texts[i]) for i in np.unique(s.track)}
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
        packet = self._counter.packet[0]
        event = packet.track_event
        columns = (c.track, c.unit, c.time_ns, c.value)
        for track, unit, time_ns, value in zip(*(x.tolist() for x in columns), strict=True):
            event.track_uuid = self._track(texts[track], texts[unit])
            event.double_counter_value = value
            packet.timestamp = time_ns
            self._put(self._counter)

    def rails(self, names: Iterable[str]) -> None:
        """Say which power rails there are; once, before their energies."""
        trace = self._pb.Trace()
        packet = trace.packet.add()
        packet.trusted_packet_sequence_id = SEQUENCE
        for index, name in enumerate(names):
            packet.power_rails.rail_descriptor.add(index=index, rail_name=name, subsys_name="dfsrt")
        self._put(trace)

    def rail_energy(self, time_ns: int, joules: Iterable[float]) -> None:
        """Write each rail's energy so far."""
        trace = self._pb.Trace()
        packet = trace.packet.add()
        packet.timestamp = time_ns
        packet.trusted_packet_sequence_id = SEQUENCE
        for index, energy in enumerate(joules):
            packet.power_rails.energy_data.add(
                index=index, timestamp_ms=time_ns // 1_000_000, energy=round(energy * 1e6)
            )
        self._put(trace)

    def _track(self, name: str, unit: str = "") -> int:
        """Return the track's number; describe it first where it is new."""
        key = (name, unit)
        if key not in self._tracks:
            self._tracks[key] = len(self._tracks) + 1
            trace = self._pb.Trace()
            packet = trace.packet.add()
            packet.trusted_packet_sequence_id = SEQUENCE
            packet.track_descriptor.uuid = self._tracks[key]
            packet.track_descriptor.name = _LANE.sub("", name)
            if unit:
                packet.track_descriptor.counter.unit_name = unit
            self._put(trace)
        return self._tracks[key]

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

    def _put(self, trace: Any) -> None:
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
    """Return the slices and counters of a Perfetto trace; other packets are passed over.

    Raises:
        InputError: no Perfetto trace, or one that is cut short; the message says at which byte.
    Limits: track events of one thread each and ftrace's frequency events; no clock snapshots.
    """
    reader = _Reader()
    seen = 0
    for at, data in _packets(path):
        reader.take(data, path, at)
        seen += 1
    if seen == 0:
        raise InputError(f"'{path}' is empty; a Perfetto trace has packets in it")
    return reader.done(path)


def _packets(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield each packet with its place in the file; the file is never read as a whole."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            while (at := file.tell()) < size:
                length = _length(file, path, at, size)
                yield at, file.read(length)
    except OSError as error:
        raise InputError(f"cannot read '{path}': {error.strerror}") from error


def _length(file: BinaryIO, path: Path, at: int, size: int) -> int:
    """Read a packet's tag and length."""
    head = file.read(11)
    length, used = 0, 1
    for byte in head[1:]:
        length |= (byte & 0x7F) << (7 * (used - 1))
        used += 1
        if byte < 0x80:
            break
    fits = head[:1] == b"\x0a" and used > 1 and head[used - 1] < 0x80
    if not fits or length > MAX_PACKET or at + used + length > size:
        raise InputError(
            f"'{path}' is no Perfetto trace, or cut short: there is no whole packet at byte {at}"
        )
    file.seek(at + used)
    return length


class _Reader:
    """Keeps what the packets before have said: tracks, names, open slices."""

    def __init__(self) -> None:
        from perfetto.protos.perfetto.trace import perfetto_trace_pb2 as pb

        self._pb = pb
        self._packet = pb.TracePacket()
        self.found = Collector()
        self._tracks: dict[int, tuple[str, str]] = {}
        self._lanes: dict[str, int] = {}
        self._names: dict[tuple[int, int], str] = {}
        self._categories: dict[tuple[int, int], str] = {}
        self._open: dict[int, list[tuple[str, str, int]]] = {}
        self._unclosed = 0

    def take(self, data: bytes, path: Path, at: int) -> None:
        """Take in one packet."""
        from google.protobuf.message import DecodeError

        packet = self._packet
        try:
            packet.ParseFromString(data)
        except DecodeError as error:
            raise InputError(f"'{path}': the packet at byte {at} is broken") from error
        sequence = packet.trusted_packet_sequence_id
        for entry in packet.interned_data.event_names:
            self._names[sequence, entry.iid] = entry.name
        for entry in packet.interned_data.event_categories:
            self._categories[sequence, entry.iid] = entry.name
        if packet.HasField("track_descriptor"):
            self._describe(packet.track_descriptor)
        elif packet.HasField("track_event"):
            self._event(packet, sequence)
        elif packet.HasField("ftrace_events"):
            self._ftrace(packet.ftrace_events)

    def _describe(self, track: Any) -> None:
        if track.uuid in self._tracks:
            return
        name = track.name or track.thread.thread_name or f"track {track.uuid}"
        unit = track.counter.unit_name if track.HasField("counter") else ""
        self._lanes[name] = lane = self._lanes.get(name, 0) + 1
        self._tracks[track.uuid] = (name if lane == 1 else f"{name} #{lane}", unit)

    def _event(self, packet: Any, sequence: int) -> None:
        event, kind = packet.track_event, packet.track_event.type
        uuid, now = event.track_uuid, packet.timestamp
        if kind == self._pb.TrackEvent.TYPE_SLICE_BEGIN:
            name = event.name or self._names.get((sequence, event.name_iid), "")
            known = [self._categories.get((sequence, i), "") for i in event.category_iids]
            category = ",".join([*event.categories, *known])
            self._open.setdefault(uuid, []).append((category, name, now))
        elif kind == self._pb.TrackEvent.TYPE_SLICE_END and self._open.get(uuid):
            category, name, start = self._open[uuid].pop()
            self.found.add_slice(self._name(uuid)[0], name, start, now - start, category)
        elif kind == self._pb.TrackEvent.TYPE_COUNTER:
            double = event.HasField("double_counter_value")
            value = event.double_counter_value if double else float(event.counter_value)
            name, unit = self._name(uuid)
            self.found.add_sample(name, unit, now, value)

    def _name(self, uuid: int) -> tuple[str, str]:
        return self._tracks.get(uuid, (f"track {uuid}", ""))

    def _ftrace(self, bundle: Any) -> None:
        for event in bundle.event:
            now = event.timestamp
            if event.HasField("devfreq_frequency"):
                e = event.devfreq_frequency
                self.found.add_sample(f"{e.dev_name} frequency", "Hz", now, float(e.freq))
            elif event.HasField("cpu_frequency"):
                e = event.cpu_frequency
                self.found.add_sample(f"cpu{e.cpu_id} frequency", "Hz", now, e.state * 1e3)
            elif event.HasField("gpu_frequency"):
                e = event.gpu_frequency
                self.found.add_sample(f"gpu{e.gpu_id} frequency", "Hz", now, e.state * 1e3)
            elif event.HasField("clock_set_rate"):
                e = event.clock_set_rate
                self.found.add_sample(f"{e.name} clock", "Hz", now, float(e.state))
            elif event.HasField("thermal_temperature"):
                e = event.thermal_temperature
                self.found.add_sample(f"{e.thermal_zone} temperature", "degC", now, e.temp * 1e-3)

    def done(self, path: Path) -> Recording:
        """Return what was read; slices that never end are left out, and counted."""
        left = sum(len(stack) for stack in self._open.values())
        about: Mapping[str, str] = {"format": "perfetto", "file": path.name}
        return self.found.recording(
            {**about, "slices without an end": str(left)} if left else about
        )
